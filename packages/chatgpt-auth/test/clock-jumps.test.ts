import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryAuthStore, openChatgptAuth } from 'chatgpt-auth';
import { fileAuthStore } from 'chatgpt-auth/node';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type Answers, authServer } from './support/auth-server.js';
import { codexHome } from './support/codex-home.js';
import { accessToken, chatgptAuthJson, now } from './support/login.js';

const hour = 3600;
const tenYears = 10 * 365 * 24 * hour;

/** A wall clock that jumps, and a monotonic clock that only goes on. In seconds. */
function makeClocks() {
  let [wall, elapsed] = [now, 0];
  return {
    effects: {
      clock: () => wall * 1000,
      monotonicClock: () => elapsed * 1000,
      sleep: async () => undefined,
    },
    jump: (seconds: number) => {
      wall += seconds;
    },
    pass: (seconds: number) => {
      wall += seconds;
      elapsed += seconds;
    },
  };
}

let unique = 0;

async function open(expiresIn: number, answers: Answers) {
  unique += 1;
  const server = await authServer(answers);
  const login = { expiresIn, refreshToken: `clock-${unique}`, accountId: `clock-account-${unique}` };
  const { effects, jump, pass } = makeClocks();
  const auth = await openChatgptAuth(
    {
      store: memoryAuthStore(chatgptAuthJson(login)),
      policy: 'chatgpt-auth',
      authapiBaseUrl: server.baseUrl,
      tokenUrl: server.tokenUrl,
    },
    effects,
  );
  return { auth, server, jump, pass };
}

const refreshing: Answers = {
  refresh: (_request, count) => ({
    body: { access_token: accessToken(`new-${count}`), refresh_token: `clock-${unique}-${count}` },
  }),
};

describe.each([hour, -hour, tenYears, -tenYears])('a wall clock that jumps by %i s', (seconds) => {
  it('neither shortens nor prolongs the hour without an agent identity', async () => {
    const { auth, server, jump, pass } = await open(864_000, {
      runtime: (_request, count) =>
        count <= 3 ? { status: 503 } : { body: { agent_runtime_id: 'runtime-1' } },
      ...refreshing,
    });
    await thrownBy(() => auth.agentIdentityAuth());
    jump(seconds);
    pass(hour - 1);
    expect((await thrownBy(() => auth.agentIdentityAuth())).code).toBe('agent_identity_unavailable');
    expect(server.counts.runtime).toBe(3);
    pass(1);
    expect((await auth.agentIdentityAuth())?.runTaskId).toBe('task-1');
  });

  it('does not make each request call a token endpoint that is down', async () => {
    const { auth, server, jump, pass } = await open(240, { refresh: () => ({ status: 503 }) });
    await auth.bearerHeaders();
    jump(seconds);
    for (let request = 0; request < 10; request += 1) await auth.bearerHeaders();
    pass(59);
    await auth.bearerHeaders();
    expect(server.counts.refresh).toBe(1);
  });

  it('does not make each request spend a refresh token', async () => {
    const { auth, server, jump, pass } = await open(-1, refreshing);
    jump(seconds);
    await auth.refreshTokens();
    for (let request = 0; request < 10; request += 1) await auth.bearerHeaders();
    pass(59);
    await auth.bearerHeaders();
    expect(server.counts.refresh).toBe(1);
  });

  it('does not keep a refused access token from being replaced', async () => {
    const { auth, jump } = await open(864_000, refreshing);
    jump(seconds);
    await auth.refreshTokens();
    expect((await auth.bearerHeaders())['Authorization']).toBe(`Bearer ${accessToken('new-1')}`);
  });

  it('does not make a rejected refresh token be sent again', async () => {
    const { auth, server, jump } = await open(-1, { refresh: () => ({ status: 401 }) });
    const refresh = () => thrownBy(() => auth.refreshTokens());
    expect((await refresh()).code).toBe('token_refresh_rejected');
    jump(seconds);
    expect((await refresh()).code).toBe('token_refresh_rejected');
    expect(server.counts.refresh).toBe(1);
  });

  it('does not release a held lock and does not prolong an abandoned one', async () => {
    const home = await codexHome();
    const locks = join(home.path, 'chatgpt-auth-locks');
    await mkdir(locks);
    const path = join(locks, 'refresh.1');
    await writeFile(path, JSON.stringify({ place: 'elsewhere', pid: 1, nonce: 'n' }));
    let waited = 0;
    const sleep = async (milliseconds: number) => {
      waited += milliseconds;
      // The holder gives a sign of life for 100 s, by a clock that jumped.
      const time = Date.now() / 1000 + seconds + waited / 1000;
      if (waited < 100_000) await utimes(path, time, time);
    };
    const store = fileAuthStore({ codexHome: home.path }, { sleep });
    expect(await store.withLock('refresh', async () => 'mine')).toBe('mine');
    expect(waited).toBeGreaterThan(130_000);
    expect(waited).toBeLessThan(135_000);
  });
});
