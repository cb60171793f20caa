import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { providerSuite } from "@warmpool/testing";
import { test } from "vitest";
import { shellProvider } from "../src/index.js";
import { openWorkshop } from "./workshop.js";

interface Thing {
  readonly name: string;
}

/** In an outage, every script can tell nothing. */
const ONLINE = "[ ! -e outage ] || { echo 'no network' >&2; exit 75; }";

const THING = 'thing="things/$WARMPOOL_KEY"';

/** Things are folders, made in steps: half of one can be left at each. */
providerSuite<Thing>({
  // Each case has a folder of its own, and waits for processes most of its time.
  test: test.concurrent,
  timeout: "5s",
  create() {
    const shop = openWorkshop();
    mkdirSync(shop.path("things"));
    const json = (key: string) => `{ "name": "${key}" }`;
    const commands = {
      allocate: shop.script(
        "allocate",
        "set -eu",
        THING,
        ONLINE,
        'mkdir "$thing"',
        "sleep 0.03",
        'touch "$thing/half"',
        ONLINE,
        "sleep 0.03",
        'touch "$thing/ready"',
        `echo '${json("'\"$WARMPOOL_KEY\"'")}'`,
      ),
      delete: shop.script("delete", "set -eu", THING, ONLINE, 'rm -rf "$thing"'),
      check: shop.script("check", THING, ONLINE, '[ -e "$thing/ready" ] && [ ! -e "$thing/broken" ]'),
      reset: shop.script("reset", THING, ONLINE, '[ -e "$thing/ready" ]'),
      find: shop.script(
        "find",
        THING,
        ONLINE,
        '[ -e "$thing" ] || exit 103',
        '[ -e "$thing/ready" ] || exit 105',
        `echo '${json("'\"$WARMPOOL_KEY\"'")}'`,
      ),
      list: shop.script(
        "list",
        ONLINE,
        "for key in $(ls things); do",
        `  echo '{ "key": "'"$key"'", "data": ${json("'\"$key\"'")} }'`,
        "done",
      ),
    };
    const provider = () => shellProvider<Thing>({ ...shop.options, ...commands, output: "json" });
    return {
      provider: provider(),
      restart: provider,
      count: () => readdirSync(shop.path("things")).length,
      break: ({ name }) => writeFileSync(shop.path(`things/${name}/broken`), ""),
      async outage(during) {
        writeFileSync(shop.path("outage"), "");
        await during();
        rmSync(shop.path("outage"));
      },
      cleanup: shop.close,
    };
  },
});
