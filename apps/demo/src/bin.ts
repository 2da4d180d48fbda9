import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { openLoopbackWorld } from './servers/loopback-world.js';
import { actStory } from './story/story.js';
import { jsonTimeline } from './timeline/render-json.js';
import { textTimeline } from './timeline/render-text.js';
import { curlCommands } from './try-it.js';

const help = `Acts the story of Agent Identity on loopback: an authority issues an identity, an agent registers a task for its
run, and a provider accepts its signed requests, and refuses what it must.

  --once   end after the story; otherwise the servers stay up, to be tried with curl
  --json   one JSON object a line, for machines; ends after the story
  --help   show this

Exit code 0 only if every step went as told.
`;

async function main(): Promise<number> {
  const values = readOptions();
  const write = (text: string) => process.stdout.write(text);
  if (values === undefined) return 2;
  if (values.help) {
    write(help);
    return 0;
  }
  const world = await openLoopbackWorld();
  const isColoured = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const { steps, notAsTold } = await actStory(
    world,
    values.json ? jsonTimeline({ write }) : textTimeline({ write, isColoured }),
  );
  if (!values.json) write(`\n${steps - notAsTold} of ${steps} steps went as told.\n`);
  if (!values.once && !values.json && notAsTold === 0) {
    await stayUp(async () => write(await curlCommands(world)));
  }
  await world.close();
  return notAsTold === 0 ? 0 : 1;
}

/** The options of the command line; `undefined`, with a word on what is wrong, for others. */
function readOptions() {
  const options = {
    once: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${help}`);
    return undefined;
  }
}

/** Shows something now and at each Enter, until the process is told to end. */
async function stayUp(show: () => Promise<unknown>): Promise<void> {
  await show();
  const input = createInterface({ input: process.stdin }).on('line', show);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  input.close();
}

// Whoever reads only the beginning, as `head` does, has read enough.
process.stdout.on('error', () => process.exit());
process.exitCode = await main();
