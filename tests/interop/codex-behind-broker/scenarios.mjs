// Runs inside the namespace. Takes the path of the client's binary and an empty folder. Starts the demo, and the programs
// agent-identity-broker and agent-identity run with the client as their command. Prints the observations as one line of JSON.
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, execPath, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { runCaptured, startDemo } from '../published-client/run-with-demo.mjs';

const [binary = '', folder = ''] = argv.slice(2);
const bin = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`../../../packages/${name}/dist/bin.js`, import.meta.url));
const { setting, stop } = await startDemo();

// A custom provider of the client: it knows the broker's URL and access token, and nothing else.
const script = `exec "$0" exec --skip-git-repo-check -c model_provider=broker -c model_providers.broker.name=broker \\
  -c "model_providers.broker.base_url=\\"$OPENAI_BASE_URL\\"" -c model_providers.broker.env_key=OPENAI_API_KEY \\
  -c model_providers.broker.wire_api=responses -c model=echo-1 "$@"`;

/** @param {readonly string[]} program */
async function runClientBehind(...program) {
  const home = mkdtempSync(join(folder, 'home-'));
  const logFile = join(home, 'broker.log');
  const words = [
    ...['--jwt-file', setting('AGENT_IDENTITY_JWT_FILE'), '--log-file', logFile],
    ...['--authapi-base-url', setting('CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL')],
    ...['--jwt-base-url', setting('CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL')],
    ...['--base-url', setting('openai_base_url')],
  ];
  const run = await runCaptured(
    execPath,
    [...program, ...words, '--', 'sh', '-c', script, binary, 'say hello'],
    {
      cwd: home,
      env: { PATH: env['PATH'], HOME: home, CODEX_HOME: home },
    },
  );
  const log = readFileSync(logFile, 'utf8').trim().split('\n');
  return { ...run, log: log.map((line) => JSON.parse(line)) };
}

const seen = {
  'agent-identity-broker': await runClientBehind(bin('agent-identity-broker')),
  'agent-identity run': await runClientBehind(bin('agent-identity-cli'), 'run'),
};
await stop();
stdout.write(JSON.stringify(seen));
