// Runs inside the namespace. Takes the path of the client's binary and an empty folder. Starts the demo, runs the client
// with the identity that the demo hands out, and prints the observations as one line of JSON.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, execPath, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const [binary = '', folder = ''] = argv.slice(2);
const bin = fileURLToPath(new URL('../../../apps/demo/dist/bin.js', import.meta.url));

const demo = spawn(execPath, [bin], { stdio: ['pipe', 'pipe', 'inherit'] });
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
const jwt = readFileSync(setting('AGENT_IDENTITY_JWT_FILE'), 'utf8').trim();
const home = mkdtempSync(join(folder, 'home-'));

/**
 * Runs the client with the command that the demo prints. The limit makes it compact the conversation at its second turn.
 *
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function runClient(args) {
  const settings = [
    `chatgpt_base_url="${setting('chatgpt_base_url')}"`,
    `openai_base_url="${setting('openai_base_url')}"`,
    'model_auto_compact_token_limit=10',
  ].flatMap((value) => ['-c', value]);
  const child = spawn(binary, ['exec', '--skip-git-repo-check', ...settings, ...args], {
    cwd: home,
    env: {
      PATH: env['PATH'],
      HOME: home,
      CODEX_HOME: home,
      RUST_LOG: 'codex_core=info',
      CODEX_ACCESS_TOKEN: jwt,
      CODEX_AGENT_IDENTITY_JWKS_BASE_URL: setting('CODEX_AGENT_IDENTITY_JWKS_BASE_URL'),
      CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: setting('CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL'),
    },
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

const first = await runClient(['say hello']);
const second = await runClient(['resume', '--last', 'and again']);
demo.removeAllListeners('exit');
const ended = new Promise((resolve) => demo.once('exit', resolve));
demo.kill('SIGTERM');
stdout.write(JSON.stringify({ first, second, exitCode: await ended }));
