import { describe, expect, it } from 'vitest';
import { authServer } from '../../support/auth-server.js';
import { codexHome } from '../../support/codex-home.js';
import { accessToken, chatgptAuthJson } from '../../support/login.js';
import { leaveLock, readOwner } from '../../support/process-locks.js';
import { runChild } from '../../support/run-child.js';

const eight = Array.from({ length: 8 }, (_, index) => index);

describe('eight processes that start at once', () => {
  it.each([
    ['with flock', { withoutFlock: false }, false],
    ['without flock', { withoutFlock: true }, false],
    ['with flock, over the lock of a killed process', { withoutFlock: false }, true],
    ['without flock, over the lock of a killed process', { withoutFlock: true }, true],
  ])(
    'register one runtime and one task %s',
    async (_kind, task, isStale) => {
      const home = await codexHome(chatgptAuthJson());
      if (isStale) await leaveLock(home, { ...(await readOwner(home)), started: '1' });
      const server = await authServer();
      const outcomes = await Promise.all(eight.map(() => runChild(home.path, server, task)));
      expect(outcomes.map(({ got, errors }) => [got, errors])).toEqual(eight.map(() => ['task-1', '']));
      expect(server.counts).toEqual({ runtime: 1, task: 1, refresh: 0 });
      expect(JSON.parse(await home.read()).agent_identity).toMatchObject({
        agent_runtime_id: 'runtime-1',
        task_id: 'task-1',
      });
    },
    120_000,
  );

  it('spend a refresh token once', async () => {
    const home = await codexHome(chatgptAuthJson({ expiresIn: -1 }));
    const server = await authServer({
      refresh: () => ({ body: { access_token: accessToken('second'), refresh_token: 'refresh-token-2' } }),
    });
    const outcomes = await Promise.all(eight.map(() => runChild(home.path, server, { action: 'bearer' })));
    expect(outcomes.map(({ got }) => got)).toEqual(eight.map(() => `Bearer ${accessToken('second')}`));
    expect(server.counts.refresh).toBe(1);
  }, 120_000);
});
