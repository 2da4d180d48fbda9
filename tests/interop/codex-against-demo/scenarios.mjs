// Runs inside the namespace. Takes the path of the client's binary and an empty folder. Starts the demo, runs the client
// with the identity that the demo hands out, and prints the observations as one line of JSON.
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, stdout } from 'node:process';
import { runCaptured, startDemo } from '../published-client/run-with-demo.mjs';

const [binary = '', folder = ''] = argv.slice(2);
const { setting, stop } = await startDemo();
const jwt = readFileSync(setting('AGENT_IDENTITY_JWT_FILE'), 'utf8').trim();
const home = mkdtempSync(join(folder, 'home-'));

/**
 * Runs the client with the command that the demo prints. The limit makes it compact the conversation at its second turn.
 *
 * @param {readonly string[]} args
 */
function runClient(args) {
  const settings = [
    `chatgpt_base_url="${setting('chatgpt_base_url')}"`,
    `openai_base_url="${setting('openai_base_url')}"`,
    'model_auto_compact_token_limit=10',
  ].flatMap((value) => ['-c', value]);
  return runCaptured(binary, ['exec', '--skip-git-repo-check', ...settings, ...args], {
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
  });
}

const first = await runClient(['say hello']);
const second = await runClient(['resume', '--last', 'and again']);
stdout.write(JSON.stringify({ first, second, exitCode: await stop() }));
