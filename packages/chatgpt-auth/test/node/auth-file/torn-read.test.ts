import * as nodeFs from 'node:fs/promises';
import { openChatgptAuth } from 'chatgpt-auth';
import { type FileSystem, fileAuthStore } from 'chatgpt-auth/node';
import { manualClock, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { authServer } from '../../support/auth-server.js';
import { type CodexHome, codexHome } from '../../support/codex-home.js';
import { accessToken, chatgptAuthJson, clock } from '../../support/login.js';

const whole = chatgptAuthJson({}, { name: 'Zoë' });
/** Cut within the two bytes of a letter, so that it is not UTF-8. */
const withinLetter = Buffer.from(whole).subarray(0, Buffer.from(whole).indexOf('ë') + 1);

/** A store whose file becomes whole after some waiting. */
function makeStore(home: CodexHome, healAfter: number, fs: FileSystem = nodeFs) {
  const waits: number[] = [];
  const sleep = async (milliseconds: number) => {
    waits.push(milliseconds);
    if (waits.length === healAfter) await home.write(whole);
  };
  return { store: fileAuthStore({ codexHome: home.path }, { sleep, fs }), waits };
}

describe('a file that another program writes in place', () => {
  it.each<[string, string | Uint8Array]>([
    ['empty', ''],
    ['half written', whole.slice(0, 200)],
    ['cut within a letter', withinLetter],
  ])('is read again while it is %s', async (_kind, torn) => {
    const home = await codexHome();
    await home.write(torn);
    const { store, waits } = makeStore(home, 3);
    expect(await store.read()).toBe(whole);
    expect(waits).toHaveLength(3);
  });

  it('is reported as unreadable after about a second', async () => {
    const home = await codexHome(whole.slice(0, 200));
    const { store, waits } = makeStore(home, Number.NaN);
    const error = await thrownBy(() => openChatgptAuth({ store }));
    expect(error.code).toBe('unreadable_auth_file');
    const waited = waits.reduce((sum, one) => sum + one, 0);
    expect(waited).toBeGreaterThanOrEqual(900);
    expect(waited).toBeLessThanOrEqual(1500);
  });

  it('is waited for by an update', async () => {
    const home = await codexHome(whole.slice(0, 200));
    const { store } = makeStore(home, 2);
    const seen: unknown[] = [];
    await store.update((text) => {
      seen.push(text);
      return `${text} `;
    });
    expect(seen).toEqual([whole]);
    expect(await home.read()).toBe(`${whole} `);
  });

  it('is not replaced when it is torn right before the rename', async () => {
    const home = await codexHome(whole);
    let opens = 0;
    const fs: FileSystem = {
      ...nodeFs,
      open: async (path, flags, mode) => {
        // Tears the file when the temporary file is written, which happens before the comparison.
        if (flags === 'wx' && opens === 0) await home.write(whole.slice(0, 100));
        if (flags === 'wx') opens += 1;
        return nodeFs.open(path, flags, mode);
      },
    };
    const { store, waits } = makeStore(home, 1, fs);
    await store.update((text) => `${text} `);
    expect(await home.read()).toBe(`${whole} `);
    expect(waits).toHaveLength(1);
  });
});

describe('refreshed tokens', () => {
  const refreshed = { access_token: accessToken('second'), refresh_token: 'refresh-token-2' };

  it('are saved when the file is torn at that moment', async () => {
    const home = await codexHome(chatgptAuthJson({ expiresIn: -1 }));
    const text = await home.read();
    const server = await authServer({
      refresh: async () => {
        await home.write(text.slice(0, 50));
        return { body: refreshed };
      },
    });
    const sleep = async () => home.write(text);
    const store = fileAuthStore({ codexHome: home.path }, { sleep });
    const auth = await openChatgptAuth({ store, tokenUrl: server.tokenUrl }, { clock });
    expect((await auth.bearerHeaders())['Authorization']).toBe(`Bearer ${refreshed.access_token}`);
    expect(JSON.parse(await home.read()).tokens.refresh_token).toBe('refresh-token-2');
  });

  it('are adopted when they cannot be saved, and saved as soon as that works again', async () => {
    const home = await codexHome(chatgptAuthJson({ expiresIn: -1 }));
    const text = await home.read();
    const server = await authServer({
      refresh: async () => {
        await home.write('half a docum');
        return { body: refreshed };
      },
    });
    const store = fileAuthStore({ codexHome: home.path }, { sleep: async () => undefined });
    const { clock: monotonicClock, advance } = manualClock(0);
    const auth = await openChatgptAuth({ store, tokenUrl: server.tokenUrl }, { clock, monotonicClock });
    expect((await thrownBy(() => auth.bearerHeaders())).code).toBe('unreadable_auth_file');
    expect((await auth.bearerHeaders())['Authorization']).toBe(`Bearer ${refreshed.access_token}`);
    await home.write(text);
    advance(10);
    expect((await auth.bearerHeaders())['Authorization']).toBe(`Bearer ${refreshed.access_token}`);
    expect(JSON.parse(await home.read()).tokens).toMatchObject(refreshed);
    expect(server.counts.refresh).toBe(1);
  });
});
