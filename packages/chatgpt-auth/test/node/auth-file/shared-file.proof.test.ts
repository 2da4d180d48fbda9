import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openChatgptAuth, parseAuthJson } from 'chatgpt-auth';
import { fileAuthStore } from 'chatgpt-auth/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authServer } from '../../support/auth-server.js';
import { codexHome } from '../../support/codex-home.js';
import { accessToken, chatgptAuthJson, clock } from '../../support/login.js';

const script = (name: string) => fileURLToPath(new URL(`../../support/${name}`, import.meta.url));

describe('four processes that update one file 160 times', () => {
  it.each([true, false])(
    'lose no update (without flock: %s)',
    async (withoutFlock) => {
      const home = await codexHome(chatgptAuthJson());
      const labels = ['a', 'b', 'c', 'd'];
      const runs = await Promise.all(
        labels.map((label) =>
          promisify(execFile)(process.execPath, [
            script('update-process.mjs'),
            JSON.stringify({ home: home.path, label, updates: 40, withoutFlock }),
          ]),
        ),
      );
      const acknowledged = runs.flatMap(({ stdout }) => stdout.trim().split('\n'));
      expect(acknowledged).toHaveLength(160);
      expect(JSON.parse(await home.read()).updates.sort()).toEqual(acknowledged.sort());
    },
    300_000,
  );
});

/** Starts a process that truncates the file for 10 ms at random moments, until the test is over. */
async function startTearing(path: string): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [script('tearing-process.mjs'), path]);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  onTestFinished(stop);
  await once(child.stdout, 'data');
  return stop;
}

describe('a writer that truncates the file for 10 ms at random', () => {
  it('makes no read fail', async () => {
    const home = await codexHome(chatgptAuthJson());
    await startTearing(home.authFile);
    const store = fileAuthStore({ codexHome: home.path });
    for (let round = 0; round < 1000; round += 1) {
      expect(parseAuthJson((await store.read()) ?? '').kind).toBe('chatgpt');
    }
  }, 300_000);

  it('never loses the refresh token', async () => {
    for (let round = 1; round <= 15; round += 1) {
      const home = await codexHome(chatgptAuthJson({ expiresIn: -1, refreshToken: `torn-${round}` }));
      const stop = await startTearing(home.authFile);
      const next = `after-torn-${round}`;
      const server = await authServer({
        refresh: () => ({ body: { access_token: accessToken(next), refresh_token: next } }),
      });
      const store = fileAuthStore({ codexHome: home.path });
      const auth = await openChatgptAuth({ store, tokenUrl: server.tokenUrl }, { clock });
      expect((await auth.bearerHeaders())['Authorization']).toBe(`Bearer ${accessToken(next)}`);
      await stop();
      const { credentials } = auth;
      expect(credentials.kind === 'chatgpt' && credentials.tokens().refreshToken).toBe(next);
      expect(server.counts.refresh).toBe(1);
    }
  }, 300_000);
});
