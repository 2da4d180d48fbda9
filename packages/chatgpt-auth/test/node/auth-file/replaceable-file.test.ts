import { execFile, spawnSync } from 'node:child_process';
import * as nodeFs from 'node:fs/promises';
import { chmod, link, lstat, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ChatgptAuth, openChatgptAuth } from 'chatgpt-auth';
import { type FileSystem, fileAuthStore } from 'chatgpt-auth/node';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type AuthServer, authServer } from '../../support/auth-server.js';
import { type CodexHome, codexHome } from '../../support/codex-home.js';
import { accessToken, chatgptAuthJson, clock } from '../../support/login.js';

const refreshed = {
  refresh: () => ({ body: { access_token: accessToken('second'), refresh_token: 'refresh-token-2' } }),
};

function open(home: CodexHome, server: AuthServer, fs: FileSystem = nodeFs): Promise<ChatgptAuth> {
  return openChatgptAuth(
    {
      store: fileAuthStore({ codexHome: home.path }, { fs }),
      policy: 'chatgpt-auth',
      authapiBaseUrl: server.baseUrl,
      tokenUrl: server.tokenUrl,
    },
    { clock, sleep: async () => undefined },
  );
}

const refuseOpen = (code: string): FileSystem => ({
  ...nodeFs,
  open: async (path, flags, mode) => {
    if (flags === 'r+') throw Object.assign(new Error('refused'), { code });
    return nodeFs.open(path, flags, mode);
  },
});

describe('a file that cannot be replaced', () => {
  it.each<[string, (home: CodexHome) => Promise<unknown>, FileSystem?]>([
    ['is read-only', (home) => chmod(home.authFile, 0o400)],
    ['has another hard link', (home) => link(home.authFile, join(home.path, 'other'))],
    ['is on a read-only mount', async () => undefined, refuseOpen('EROFS')],
    ['belongs to somebody else', async () => undefined, refuseOpen('EACCES')],
    ['is immutable', async () => undefined, refuseOpen('EPERM')],
  ])('because it %s costs no registration and no refresh token', async (_kind, make, fs) => {
    for (const use of ['agentIdentityAuth', 'bearerHeaders'] as const) {
      const text = chatgptAuthJson({ expiresIn: use === 'bearerHeaders' ? -1 : 864_000 });
      const home = await codexHome(text);
      await make(home);
      const server = await authServer(refreshed);
      const auth = await open(home, server, fs);
      const error = await thrownBy(async () => auth[use]());
      expect(error.code).toBe('unwritable_auth_file');
      expect(server.requests).toEqual([]);
      expect(await home.read()).toBe(text);
    }
  });

  it('does not withhold an access token that has not expired', async () => {
    const home = await codexHome(chatgptAuthJson({ expiresIn: 60 }));
    await chmod(home.authFile, 0o400);
    const server = await authServer(refreshed);
    const auth = await open(home, server);
    expect((await auth.bearerHeaders())['Authorization']).toBe(`Bearer ${accessToken('first', 60)}`);
    expect(server.requests).toEqual([]);
  });
});

describe('a file that a rename cannot replace', () => {
  it.each(['EBUSY', 'EXDEV'])('(%s) is written in place, and no temporary file stays', async (code) => {
    const home = await codexHome(chatgptAuthJson({ expiresIn: -1 }));
    const before = await lstat(home.authFile);
    const fs: FileSystem = {
      ...nodeFs,
      rename: () => Promise.reject(Object.assign(new Error('mount point'), { code })),
    };
    const auth = await open(home, await authServer(refreshed), fs);
    await auth.bearerHeaders();
    expect(JSON.parse(await home.read()).tokens.refresh_token).toBe('refresh-token-2');
    const after = await lstat(home.authFile);
    expect([after.ino, after.mode]).toEqual([before.ino, before.mode]);
    expect((await nodeFs.readdir(home.path)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is shortened in place when the new text is shorter', async () => {
    const home = await codexHome(`${chatgptAuthJson()}${' '.repeat(1000)}`);
    const fs: FileSystem = {
      ...nodeFs,
      rename: () => Promise.reject(Object.assign(new Error('mount point'), { code: 'EBUSY' })),
    };
    await fileAuthStore({ codexHome: home.path }, { fs }).update((text) => text?.trimEnd());
    expect(await home.read()).toBe(chatgptAuthJson());
  });
});

const child = fileURLToPath(new URL('../../support/child.mjs', import.meta.url));

/** The arguments with which `unshare` may mount on this machine. */
function findUnshare(): readonly string[] | undefined {
  return [['-m'], ['-r', '-m']].find(
    (args) => spawnSync('unshare', [...args, 'mount', '--make-rprivate', '/']).status === 0,
  );
}

/** Runs child.mjs where auth.json is a bind mount of another file, as in a container. */
async function runOnBindMount(options: '' | 'ro', action: 'identity' | 'bearer', expiresIn: number) {
  const unshare = findUnshare();
  if (unshare === undefined) {
    // No mount can be made here: everything else in this file runs, with an injected EBUSY and EROFS.
    console.warn('NOT TESTED HERE: auth.json as a real bind mount (unshare -m is not permitted)');
    return undefined;
  }
  const home = await codexHome('');
  const source = join(home.path, 'mounted');
  await mkdir(source);
  const file = join(source, 'auth.json');
  await writeFile(file, chatgptAuthJson({ expiresIn }), { mode: 0o600 });
  const server = await authServer(refreshed);
  const job = {
    home: home.path,
    authapiBaseUrl: server.baseUrl,
    tokenUrl: server.tokenUrl,
    now: clock(),
    action,
  };
  const mount = [
    `mount --bind '${file}' '${home.authFile}'`,
    ...(options === 'ro' ? [`mount -o remount,ro,bind '${home.authFile}'`] : []),
    `exec '${process.execPath}' '${child}' '${JSON.stringify(job)}'`,
  ].join(' && ');
  const run = await promisify(execFile)('unshare', [...unshare, 'sh', '-c', mount]).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return { ...run, server, text: await readFile(file, 'utf8') };
}

describe('auth.json as a bind mount', () => {
  it('takes an agent identity', async () => {
    const run = await runOnBindMount('', 'identity', 864_000);
    if (run === undefined) return;
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.text).agent_identity).toMatchObject({ task_id: 'task-1' });
    expect(run.server.counts).toEqual({ runtime: 1, task: 1, refresh: 0 });
  });

  it('takes refreshed tokens', async () => {
    const run = await runOnBindMount('', 'bearer', -1);
    if (run === undefined) return;
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.text).tokens.refresh_token).toBe('refresh-token-2');
  });

  it.each(['identity', 'bearer'] as const)('that is read-only costs no request (%s)', async (action) => {
    const run = await runOnBindMount('ro', action, action === 'bearer' ? -1 : 864_000);
    if (run === undefined) return;
    expect(run.stderr).toContain('unwritable_auth_file');
    expect(run.server.requests).toEqual([]);
  });
});

it('a file that is replaced keeps no trace of the check', async () => {
  const home = await codexHome(chatgptAuthJson());
  const renamed: unknown[] = [];
  const fs: FileSystem = {
    ...nodeFs,
    rename: async (from, to) => {
      renamed.push(to);
      await rename(from, to);
    },
  };
  await (await open(home, await authServer(), fs)).agentIdentityAuth();
  expect(renamed).toEqual([home.authFile]);
});
