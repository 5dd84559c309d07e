// A build plugin of this site that keeps the output and Dateline's build cache between builds.
const CACHED_DIRS = [".dateline", "public"];

module.exports = {
  onPreBuild: ({ utils }) => utils.cache.restore(CACHED_DIRS),
  onPostBuild: ({ utils }) => utils.cache.save(CACHED_DIRS),
};
