import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { handOutIdentity } from './hand-out-identity.js';
import { runScenario } from './scenario/run-scenario.js';
import { openLoopbackServers } from './servers/loopback-servers.js';
import { jsonTimeline } from './timeline/json-timeline.js';
import { textTimeline } from './timeline/text-timeline.js';

const help = `Runs Agent Identity on loopback: an authority issues an identity, an agent registers a task for its run, and a provider
accepts its signed requests and refuses invalid ones.

  --once   exit after the last step (default: keep the servers running and hand out an identity to try)
  --json   print one JSON object per step and exit after the last step
  --help   show this help

Exit codes: 0 if every step passed, 1 if a step failed, 2 on a usage error.
`;

async function main(): Promise<number> {
  const values = readOptions();
  const write = (text: string) => process.stdout.write(text);
  if (values === undefined) return 2;
  if (values.help) {
    write(help);
    return 0;
  }
  const servers = await openLoopbackServers();
  const isColored = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const { steps, failed } = await runScenario(
    servers,
    values.json ? jsonTimeline({ write }) : textTimeline({ write, isColored }),
  );
  if (!values.json) write(`\n${steps - failed} of ${steps} steps passed.\n`);
  if (!values.once && !values.json && failed === 0) {
    const identity = await handOutIdentity(servers);
    await waitForShutdown(() => write(identity.formatCommands()));
    await identity.close();
  }
  await servers.close();
  return failed === 0 ? 0 : 1;
}

/** Returns the command-line options, or `undefined` after printing a usage error. */
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

/** Calls `show` now and each time Enter is pressed, until SIGINT or SIGTERM. */
async function waitForShutdown(show: () => void): Promise<void> {
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  show();
  const input = createInterface({ input: process.stdin }).on('line', show);
  await stopped;
  input.close();
}

// A reader such as `head` closes the pipe early. That is not an error.
process.stdout.on('error', () => process.exit());
process.exitCode = await main();
