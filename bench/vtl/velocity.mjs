// Renders a template as often as it can: node velocity.mjs TEMPLATE VARIABLES SECONDS OUTPUT.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [template, variables, seconds, output] = process.argv.slice(2);
const { parse, Compile } = createRequire(path.join(process.cwd(), "package.json"))("velocityjs");
const tree = parse(readFileSync(template, "utf8"));
const context = JSON.parse(readFileSync(variables, "utf8"));

const render = () => new Compile(tree).render(context);

/** Renderings per second. */
function run() {
  const start = process.hrtime.bigint();
  const end = start + BigInt(Math.round(Number(seconds) * 1e9));
  let count = 0;
  let now = start;
  while (now < end) {
    for (let i = 0; i < 10; i++) if (render().length === 0) throw new Error("no output");
    count += 10;
    now = process.hrtime.bigint();
  }
  return count / (Number(now - start) / 1e9);
}

writeFileSync(output, render());
// As long again beforehand, for the compiler to warm up.
run();
console.log(run());
