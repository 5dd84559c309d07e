// A build plugin of this site's own: keeps what Dateline needs from one build to the next.
const KEPT = [".dateline", "public"];

module.exports = {
  onPreBuild: ({ utils }) => utils.cache.restore(KEPT),
  onPostBuild: ({ utils }) => utils.cache.save(KEPT),
};
