// Counts round trips: how often a query waits for the network, whatever its speed.

/** A wave is complete when nothing was requested for this number of turns of some milliseconds. */
const [TURNS, TURN] = [6, 2];

const turn = () => new Promise((resolve) => setTimeout(resolve, TURN));

/**
 * Delays responses until everything was requested that doesn't depend on them. So requests come in
 * waves, as if each took the same time. The depth of a request is the number of its wave.
 */
export class Waves {
  /** @param {typeof fetch} send */
  constructor(send) {
    this.send = send;
    /** The number of waves that were answered. */
    this.answered = 0;
    /** @type {{url: string, range?: string, depth: number}[]} */
    this.requests = [];
    /** @type {{answer: Promise<Response>, resolve: (answer: Promise<Response>) => void}[]} */
    this.held = [];
  }

  /**
   * @param {string} url
   * @param {RequestInit} [options]
   * @returns {Promise<Response>}
   */
  fetch(url, options) {
    this.requests.push({
      url: String(url),
      range: new Headers(options?.headers).get("range") ?? undefined,
      depth: this.answered + 1
    });
    if (!this.held.length) setTimeout(() => this.release());
    const answer = this.loadFully(url, options);
    return new Promise((resolve) => this.held.push({ answer, resolve }));
  }

  /**
   * Returns a response with its whole body loaded.
   * @param {string} url
   * @param {RequestInit} [options]
   */
  async loadFully(url, options) {
    const answer = await this.send(url, options);
    return new Response(await answer.arrayBuffer(), {
      status: answer.status,
      headers: answer.headers
    });
  }

  /** Delivers all responses at once, when nothing more is requested without them. */
  async release() {
    for (let known = 0; known < this.held.length;) {
      known = this.held.length;
      await Promise.allSettled(this.held.map(({ answer }) => answer));
      for (let turns = 0; turns < TURNS && this.held.length === known; turns++) await turn();
    }
    this.answered++;
    for (const { answer, resolve } of this.held.splice(0)) resolve(answer);
  }
}
