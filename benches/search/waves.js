// Trips: how often a query must wait for the network, whatever the network's speed.

/** For how many turns of how many milliseconds nothing new must be asked for. */
const [TURNS, TURN] = [6, 2];

const turn = () => new Promise((resolve) => setTimeout(resolve, TURN));

/**
 * Holds answers back until everything has been asked for that doesn't need them. So requests fall into waves, as they would where each takes the same time:
 * a request's depth is one more than that of the deepest that had been answered when it was made.
 */
export class Waves {
  /** @param {typeof fetch} send */
  constructor(send) {
    this.send = send;
    /** How many waves have been answered. */
    this.answered = 0;
    /** @type {{url: string, range?: string, depth: number}[]} */
    this.asked = [];
    /** @type {{answer: Promise<Response>, give: (answer: Promise<Response>) => void}[]} */
    this.held = [];
  }

  /** @param {string} url @param {RequestInit} [options] @returns {Promise<Response>} */
  fetch(url, options) {
    this.asked.push({ url: String(url), range: new Headers(options?.headers).get("range") ?? undefined, depth: this.answered + 1 });
    if (!this.held.length) setTimeout(() => this.release());
    const answer = this.whole(url, options);
    return new Promise((give) => this.held.push({ answer, give }));
  }

  /** An answer with all of its bytes. @param {string} url @param {RequestInit} [options] */
  async whole(url, options) {
    const answer = await this.send(url, options);
    return new Response(await answer.arrayBuffer(), { status: answer.status, headers: answer.headers });
  }

  /** Gives out all answers at once, when nothing more is asked for without them. */
  async release() {
    for (let known = 0; known < this.held.length; ) {
      known = this.held.length;
      await Promise.allSettled(this.held.map(({ answer }) => answer));
      for (let turns = 0; turns < TURNS && this.held.length === known; turns++) await turn();
    }
    this.answered++;
    for (const { answer, give } of this.held.splice(0)) give(answer);
  }
}
