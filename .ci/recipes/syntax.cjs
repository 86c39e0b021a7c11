// Reads M text from stdin with Microsoft's parser, and prints its syntax as JSON.
const pq = require("@microsoft/powerquery-parser");
const OF_THE_PARSER = new Set(["id", "tokenRange", "attributeIndex", "isLeaf"]);

pq.TaskUtils.tryLexParse(pq.DefaultSettings, require("fs").readFileSync(0, "utf8")).then((task) => {
  if (!pq.TaskUtils.isParseStageOk(task)) {
    console.error(task.error.message);
    process.exit(1);
  }
  console.log(JSON.stringify(task.ast, (key, value) => (OF_THE_PARSER.has(key) ? undefined : value)));
});
