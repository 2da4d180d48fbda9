import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCodexLogin } from 'chatgpt-auth/node';
import { apiKey } from './login.mjs';

/**
 * Logs in with an API key again and again until the client leaves `auth.json` empty and is stopped in this moment. Then our
 * code reads the file, and the client continues. A login takes about 0.1 s and about one of four is caught, so 100 logins
 * find every version that writes in place.
 *
 * @param {{ binary: string, home: string, maxLogins: number }} options
 */
export async function readDuringLogin({ binary, home, maxLogins }) {
  const file = join(home, 'auth.json');
  for (let logins = 1; logins <= maxLogins; logins += 1) {
    const before = statSync(file);
    const { child, closed } = startLogin(binary, home);
    const isShort = watchUntilWritten(file, before);
    if (isShort) child.kill('SIGSTOP');
    const seen = isShort ? await readWhileStopped(child, home, file) : undefined;
    child.kill('SIGCONT');
    await closed;
    if (seen !== undefined) return { logins, ...seen, credentials: await seen.credentials };
  }
  return { logins: maxLogins };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} home
 * @param {string} file
 */
async function readWhileStopped(child, home, file) {
  // The signal may arrive after the write.
  await sleep(20);
  if (statSync(file).size > 0 || child.exitCode !== null) return undefined;
  let isWaiting = true;
  const reading = openCodexLogin({ codexHome: home, env: {} })
    .then(
      ({ auth }) => auth.credentials.kind,
      (error) => String(error),
    )
    .finally(() => {
      isWaiting = false;
    });
  await sleep(200);
  return { stored: readFileSync(file, 'utf8'), isWaiting, credentials: reading };
}

/**
 * Blocks until the client wrote the file. Returns whether the file was shorter than before at that moment. The loop is
 * synchronous because the file is short for microseconds only.
 *
 * @param {string} file
 * @param {import('node:fs').Stats} before
 */
function watchUntilWritten(file, before) {
  const end = Date.now() + 20_000;
  while (Date.now() < end) {
    const now = statSync(file);
    if (now.size < before.size) return true;
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino) return false;
  }
  throw new Error('expected the client to write auth.json within 20 s');
}

/**
 * @param {string} binary
 * @param {string} home
 */
function startLogin(binary, home) {
  const keyFile = join(home, 'api-key');
  writeFileSync(keyFile, apiKey, { mode: 0o600 });
  const input = openSync(keyFile, 'r');
  const child = spawn(binary, ['login', '--with-api-key'], {
    env: { PATH: env['PATH'], HOME: home, CODEX_HOME: home },
    stdio: [input, 'ignore', 'ignore'],
  });
  closeSync(input);
  return { child, closed: new Promise((resolve) => child.on('close', resolve)) };
}
