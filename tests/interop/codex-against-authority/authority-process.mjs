import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('bin.js', import.meta.resolve('agent-identity-authority')));

/** @typedef {{ token: string, accountId: string, chatgptUserId: string, email: string, planType: string }} Account */

/**
 * Starts `agent-identity-authority serve` in a separate process on a PGlite folder, with one account that may register
 * agents.
 *
 * @param {string} folder
 * @param {Account} account
 */
export async function startAuthorityProcess(folder, account) {
  const { configuration, tokenFile, verifierToken } = writeConfiguration(folder, account);
  const child = spawn(execPath, [bin, 'serve', '--config', configuration], {
    env: { PATH: env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  const origin = await new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the authority ended with ${code}`)));
    child.stdout.on('data', (chunk) => {
      log += chunk;
      const line = log.split('\n').find((text) => text.includes('"msg":"listening"') && text.endsWith('}'));
      if (line !== undefined) resolve(JSON.parse(line).url);
    });
  });
  let seen = 0;
  return {
    origin,
    verifierToken,
    /** Returns the responses since the last call. @returns {{ route: string, status: number }[]} */
    takeAnswers() {
      const lines = log.split('\n').filter((line) => line.includes('"msg":"answered"') && line.endsWith('}'));
      const fresh = lines.slice(seen).map((line) => JSON.parse(line));
      seen = lines.length;
      return fresh.map(({ route, status }) => ({ route, status }));
    },
    /** Runs a command of the authority against it. @param {readonly string[]} words */
    command: (words) =>
      run([...words, '--url', `${origin}/authapi`, '--administrators-token-file', tokenFile]),
    /** @returns {Promise<number | null>} */
    stop() {
      child.removeAllListeners('exit');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/**
 * @param {string} folder
 * @param {Account} account
 */
function writeConfiguration(folder, { token, accountId, chatgptUserId, email, planType }) {
  const file = (/** @type {string} */ name, /** @type {string} */ text) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const verifierToken = randomBytes(24).toString('hex');
  const tokenFile = file('admin.token', randomBytes(24).toString('hex'));
  const ofAccount = `accountId = "${accountId}", chatgptUserId = "${chatgptUserId}", email = "${email}", planType = "${planType}"`;
  const agents = file('agents.toml', `[[tokens]]\ntoken = "${token}"\naccount = { ${ofAccount} }\n`);
  const lines = [
    `store = "pglite:${join(folder, 'store')}"`,
    `masterKeyFile = "${file('master.key', randomBytes(32).toString('base64'))}"`,
    'basePath = "/authapi"',
    'port = 0',
    'operationsPort = 0',
    '[agents]',
    `tokensFile = "${agents}"`,
    '[administrators]',
    `tokenFile = "${tokenFile}"`,
    '[verifiers]',
    `tokenFile = "${file('verifier.token', verifierToken)}"`,
  ];
  return { configuration: file('authority.toml', lines.join('\n')), tokenFile, verifierToken };
}

/** @param {readonly string[]} words @returns {Promise<string>} */
function run(words) {
  return new Promise((resolve, reject) => {
    execFile(execPath, [bin, ...words], { env: { PATH: env['PATH'] } }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${words[0]} failed: ${stderr}`));
      else resolve(stdout);
    });
  });
}
