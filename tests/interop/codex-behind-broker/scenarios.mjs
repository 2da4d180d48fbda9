// Runs inside the namespace. Takes the path of the client's binary and an empty folder. Starts the demo, and the program
// agent-identity-broker with the client as its command. Prints the observations as one line of JSON.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, execPath, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const [binary = '', folder = ''] = argv.slice(2);
const programOf = (/** @type {string} */ path) =>
  fileURLToPath(new URL(`../../../${path}/dist/bin.js`, import.meta.url));

const demo = spawn(execPath, [programOf('apps/demo')], { stdio: ['pipe', 'pipe', 'inherit'] });
const printed = await new Promise((resolve, reject) => {
  let text = '';
  demo.on('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
  demo.stdout.on('data', (chunk) => {
    text += chunk;
    if (text.includes('The public keys that verify identities')) resolve(text);
  });
});
const setting = (/** @type {string} */ name) => {
  const [, value] = new RegExp(`${name}="?([^\\s"']+)`).exec(printed) ?? [];
  if (value === undefined) throw new Error(`the demo did not print ${name}`);
  return value;
};
const home = mkdtempSync(join(folder, 'home-'));
const logFile = join(home, 'broker.log');

// A custom provider of the client: it knows the broker's URL and access token, and nothing else.
const script = `exec "$0" exec --skip-git-repo-check -c model_provider=broker -c model_providers.broker.name=broker \\
  -c "model_providers.broker.base_url=\\"$OPENAI_BASE_URL\\"" -c model_providers.broker.env_key=OPENAI_API_KEY \\
  -c model_providers.broker.wire_api=responses -c model=echo-1 "$@"`;

/**
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function runClientBehindBroker(args) {
  const words = [
    ...['--jwt-file', setting('AGENT_IDENTITY_JWT_FILE'), '--log-file', logFile],
    ...['--authapi-base-url', setting('CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL')],
    ...['--base-url', setting('openai_base_url')],
  ];
  const command = ['sh', '-c', script, binary, ...args];
  const child = spawn(execPath, [programOf('packages/agent-identity-broker'), ...words, '--', ...command], {
    cwd: home,
    env: { PATH: env['PATH'], HOME: home, CODEX_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), 90_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

const run = await runClientBehindBroker(['say hello']);
const log = readFileSync(logFile, 'utf8').trim().split('\n');
demo.removeAllListeners('exit');
demo.kill('SIGTERM');
stdout.write(JSON.stringify({ ...run, log: log.map((line) => JSON.parse(line)) }));
