import { execFile } from 'node:child_process';
import * as nodeFs from 'node:fs/promises';
import {
  chmod,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { openChatgptAuth } from 'chatgpt-auth';
import { type FileEffects, type FileSystem, type Flock, fileAuthStore } from 'chatgpt-auth/node';
import { thrownBy } from 'test-support';
import { describe, expect, it, vi } from 'vitest';
import { type AuthServer, authServer } from '../../support/auth-server.js';
import { codeOf } from '../../support/code-of.js';
import { type CodexHome, codexHome } from '../../support/codex-home.js';
import { chatgptAuthJson, clock, storedRecord } from '../../support/login.js';
import { lockFile, systemFlock } from '../../support/system-flock.js';

const sampleUrl = (name: string) => new URL(`../../../../../tests/samples/${name}`, import.meta.url);

async function optIn(home: CodexHome, server: AuthServer, effects: FileEffects = {}) {
  const store = fileAuthStore({ codexHome: home.path }, effects);
  return openChatgptAuth(
    { store, policy: 'chatgpt-auth', authapiBaseUrl: server.baseUrl },
    { clock, sleep: async () => undefined },
  );
}

describe('read', () => {
  it('finds nobody logged in without a file, without a folder, and behind a link to nowhere', async () => {
    const home = await codexHome();
    expect(await fileAuthStore({ codexHome: home.path }).read()).toBeUndefined();
    expect(await fileAuthStore({ codexHome: join(home.path, 'none') }).read()).toBeUndefined();
    await symlink(join(home.path, 'gone'), home.authFile);
    expect(await fileAuthStore({ codexHome: home.path }).read()).toBeUndefined();
  });

  it.each<[string, (home: CodexHome) => Promise<unknown>]>([
    ['a folder', (home) => mkdir(home.authFile)],
    ['a pipe', (home) => promisify(execFile)('mkfifo', [home.authFile])],
    ['not UTF-8', (home) => home.write(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))],
    ['far too large', (home) => home.write(' '.repeat(1024 * 1024 + 1))],
    ['a link to itself', (home) => symlink(home.authFile, home.authFile)],
  ])('refuses a file that is %s', async (_kind, make) => {
    const home = await codexHome();
    await make(home);
    expect(await codeOf(() => fileAuthStore({ codexHome: home.path }).read())).toBe('unreadable_auth_file');
  });

  it('needs a store whose folder has a name', async () => {
    expect(await codeOf(() => fileAuthStore({ codexHome: '' }))).toBe('invalid_argument');
  });
});

describe('an opt-in', () => {
  it("writes the published client's own bytes, except for what was registered", async () => {
    const home = await codexHome(await readFile(sampleUrl('auth.chatgpt.json'), 'utf8'));
    const after = await readFile(sampleUrl('auth.chatgpt-after-opt-in.json'), 'utf8');
    const { agent_identity: theirs } = JSON.parse(after);
    const server = await authServer({
      runtime: () => ({ body: { agent_runtime_id: theirs.agent_runtime_id } }),
      task: () => ({ body: { task_id: theirs.task_id } }),
    });
    await (await optIn(home, server)).agentIdentityAuth();
    const { agent_identity: ours } = JSON.parse(await home.read());
    expect(await home.read()).toBe(after.replace(theirs.agent_private_key, ours.agent_private_key));
  });

  it('leaves mode 0600, and only lock files beside it', async () => {
    const home = await codexHome(chatgptAuthJson());
    await chmod(home.authFile, 0o644);
    await (await optIn(home, await authServer(), { flock: systemFlock })).agentIdentityAuth();
    expect((await lstat(home.authFile)).mode & 0o777).toBe(0o600);
    expect((await readdir(home.path)).sort()).toEqual([
      'auth.json',
      'auth.json.lock',
      'auth.lock',
      'chatgpt-auth-locks',
    ]);
    expect(await readdir(join(home.path, 'chatgpt-auth-locks'))).toEqual([]);
  });

  it('keeps a symbolic link, and writes and locks beside its target like the published client', async () => {
    const [home, elsewhere] = [await codexHome(), await codexHome()];
    const target = join(elsewhere.path, 'real.json');
    await writeFile(target, chatgptAuthJson());
    await symlink(join('..', basename(elsewhere.path), 'real.json'), home.authFile);
    await (await optIn(home, await authServer(), { flock: systemFlock })).agentIdentityAuth();
    expect(await readlink(home.authFile)).toBe(join('..', basename(elsewhere.path), 'real.json'));
    expect(JSON.parse(await readFile(target, 'utf8')).agent_identity.task_id).toBe('task-1');
    expect((await readdir(home.path)).sort()).toEqual(['auth.json', 'auth.lock']);
    expect((await readdir(elsewhere.path)).sort()).toEqual([
      'chatgpt-auth-locks',
      'real.json',
      'real.json.lock',
    ]);
  });

  it('registers once for two folders with links to one file', async () => {
    const [one, other, elsewhere] = [
      await codexHome(),
      await codexHome(),
      await codexHome(chatgptAuthJson()),
    ];
    const server = await authServer();
    for (const home of [one, other]) await symlink(elsewhere.authFile, home.authFile);
    await Promise.all([one, other].map(async (home) => (await optIn(home, server)).agentIdentityAuth()));
    expect(server.counts).toMatchObject({ runtime: 1, task: 1 });
  });

  it('keeps the owner', async () => {
    const home = await codexHome(chatgptAuthJson());
    const chowned: [number, number][] = [];
    const fs = withHandles({
      stat: (stats) => Object.assign(stats, { uid: Number(stats.uid) + 1 }),
      chown: (uid, gid) => chowned.push([uid, gid]),
    });
    await (await optIn(home, await authServer(), { fs })).agentIdentityAuth();
    const { uid, gid } = await lstat(home.authFile);
    expect(new Set(chowned.map(String))).toEqual(new Set([`${uid},${gid}`]));
  });

  it('keeps the group if this process may set it', async () => {
    const home = await codexHome(chatgptAuthJson());
    const server = await authServer();
    const chowned: [number, number][] = [];
    const fs = withHandles({
      stat: (stats) => Object.assign(stats, { gid: Number(stats.gid) + 1 }),
      chown: (uid, gid) => {
        chowned.push([uid, gid]);
        throw Object.assign(new Error('not a member of that group'), { code: 'EPERM' });
      },
    });
    const { uid, gid } = await lstat(home.authFile);
    await (await optIn(home, server, { fs })).agentIdentityAuth();
    expect(JSON.parse(await home.read()).agent_identity.task_id).toBe('task-1');
    expect(new Set(chowned.map(String))).toEqual(new Set([`${uid},${gid}`]));
  });

  it('fails before it registers if the owner cannot be kept', async () => {
    const home = await codexHome(chatgptAuthJson());
    const server = await authServer();
    const fs = withHandles({
      stat: (stats) => Object.assign(stats, { uid: Number(stats.uid) + 1 }),
      chown: () => {
        throw Object.assign(new Error('not root'), { code: 'EPERM' });
      },
    });
    const auth = await optIn(home, server, { fs });
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('unwritable_auth_file');
    expect(server.requests).toEqual([]);
  });

  it.each<[string, (home: CodexHome) => Promise<unknown>]>([
    ['is read-only', (home) => chmod(home.authFile, 0o400)],
    ['has another hard link', (home) => link(home.authFile, join(home.path, 'other'))],
  ])('leaves a file alone that %s, like the published client', async (_kind, make) => {
    const home = await codexHome(chatgptAuthJson());
    await make(home);
    const server = await authServer();
    const auth = await optIn(home, server);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('unwritable_auth_file');
    expect(await home.read()).toBe(chatgptAuthJson());
    expect(server.requests).toEqual([]);
  });

  it('removes the temporary files of crashed writers, also if the clock is wrong', async () => {
    for (const seconds of [0, 3600, -3600, 315_360_000, -315_360_000]) {
      const home = await codexHome(chatgptAuthJson());
      await age(await leftover(home), seconds);
      await (await optIn(home, await authServer(), { clock })).agentIdentityAuth();
      expect((await readdir(home.path)).filter((name) => name.startsWith('.'))).toEqual([]);
    }
  });

  it('keeps the files of other programs, however old they are', async () => {
    const home = await codexHome(chatgptAuthJson());
    const names = [
      '.auth-backup',
      '.auth-secret',
      '.auth-aB3dE6',
      '.chatgpt-auth-backup.tmp',
      '.chatgpt-auth-7.tmp',
      '.chatgpt-auth.tmp',
      'backup.tmp',
    ];
    for (const name of names) {
      await writeFile(join(home.path, name), 'mine');
      await age(join(home.path, name), 864_000);
    }
    await (await optIn(home, await authServer(), { clock })).agentIdentityAuth();
    expect(await readdir(home.path)).toEqual(expect.arrayContaining(names));
  });
});

describe('a failed write', () => {
  it.each(['open', 'write', 'sync', 'rename'] as const)('(at %s) leaves the file as it was', async (step) => {
    const home = await codexHome(chatgptAuthJson());
    const fail = () => {
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    };
    const fs: FileSystem = {
      ...withHandles(step === 'write' ? { write: fail } : step === 'sync' ? { sync: fail } : {}),
      ...(step === 'rename' && { rename: async () => fail() }),
    };
    const opened = fs.open;
    if (step === 'open') {
      fs.open = async (path, flags, mode) => (flags === 'wx' ? fail() : opened(path, flags, mode));
    }
    const server = await authServer();
    const auth = await optIn(home, server, { fs });
    const error = await thrownBy(() => auth.agentIdentityAuth());
    expect(error.code).toBe('unwritable_auth_file');
    expect(error.message).toContain('ENOSPC');
    if (step === 'open' || step === 'write') expect(server.requests).toEqual([]);
    expect(await home.read()).toBe(chatgptAuthJson());
    expect((await readdir(home.path)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('in a folder without locks is found before anything is sent', async () => {
    const home = await codexHome(chatgptAuthJson());
    await writeFile(join(home.path, 'chatgpt-auth-locks'), 'a file in the way');
    const server = await authServer();
    expect(await codeOf(async () => (await optIn(home, server)).agentIdentityAuth())).toBe(
      'lock_unavailable',
    );
    expect(server.requests).toEqual([]);
  });
});

describe('a file that changed while registering', () => {
  it.each<[string, (home: CodexHome) => Promise<unknown>, string]>([
    ['is gone', (home) => unlink(home.authFile), 'logged_out'],
    [
      'is of another account',
      (home) => home.write(chatgptAuthJson({ accountId: 'acct-2' })),
      'account_changed',
    ],
    ['holds an API key', (home) => home.write('{"OPENAI_API_KEY": "sk-1"}'), 'account_changed'],
    ['is half a document', (home) => home.write(chatgptAuthJson().slice(0, 99)), 'unreadable_auth_file'],
    ['is not of the schema', (home) => home.write('{"tokens": 1}'), 'unreadable_auth_file'],
    ['is not UTF-8', (home) => home.write(Uint8Array.of(0xff)), 'unreadable_auth_file'],
  ])('that %s is left byte for byte', async (_kind, change, code) => {
    const home = await codexHome(chatgptAuthJson());
    const server = await authServer({
      task: async () => {
        await change(home);
        return { body: { task_id: 'task-1' } };
      },
    });
    const auth = await optIn(home, server);
    const changed = { bytes: undefined as Buffer | undefined };
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe(code);
    changed.bytes = await readFile(home.authFile).catch(() => undefined);
    await rm(home.authFile, { force: true });
    await home.write(chatgptAuthJson());
    await change(home);
    expect(changed.bytes).toEqual(await readFile(home.authFile).catch(() => undefined));
  });
});

describe('without flock, right before the rename,', () => {
  const noFlock = Object.assign(
    async () => Promise.reject(Object.assign(new Error(), { code: 'ENOSYS' })),
    {},
  );

  /** A file system on which something happens once, when the new file is flushed but not renamed yet. */
  function interrupted(happen: () => Promise<unknown>): FileSystem {
    let done = false;
    return withHandles({
      sync: async () => {
        if (done) return;
        done = true;
        await happen();
      },
    });
  }

  it('a logout is kept', async () => {
    const home = await codexHome(chatgptAuthJson());
    const effects = { fs: interrupted(() => unlink(home.authFile)), flock: noFlock };
    const auth = await optIn(home, await authServer(), effects);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('logged_out');
    expect(
      (await readdir(home.path)).filter((name) => name !== 'chatgpt-auth-locks' && !name.endsWith('.lock')),
    ).toEqual([]);
  });

  it('refreshed tokens are kept', async () => {
    const home = await codexHome(chatgptAuthJson());
    const refreshed = chatgptAuthJson({ refreshToken: 'of that moment' });
    const effects = { fs: interrupted(() => home.write(refreshed)), flock: noFlock };
    await (await optIn(home, await authServer(), effects)).agentIdentityAuth();
    const { agent_identity: identity, ...rest } = JSON.parse(await home.read());
    expect(rest).toEqual(JSON.parse(refreshed));
    expect(identity.task_id).toBe('task-1');
  });

  it('another login is kept', async () => {
    const home = await codexHome(chatgptAuthJson());
    const other = chatgptAuthJson({ accountId: 'acct-2' });
    const effects = { fs: interrupted(() => home.write(other)), flock: noFlock };
    const auth = await optIn(home, await authServer(), effects);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('account_changed');
    expect(await home.read()).toBe(other);
  });

  it('a file that always changes ends the attempts', async () => {
    const home = await codexHome(chatgptAuthJson());
    let changes = 0;
    const fs = withHandles({
      sync: async () => {
        changes += 1;
        await home.write(chatgptAuthJson({}, { changes }));
      },
    });
    const auth = await optIn(home, await authServer(), { fs, flock: noFlock });
    expect(await thrownBy(() => auth.agentIdentityAuth())).toMatchObject({
      code: 'lock_unavailable',
      retryable: true,
    });
    expect(JSON.parse(await home.read())).toEqual(JSON.parse(chatgptAuthJson({}, { changes })));
  });
});

describe('a lock of the published client', () => {
  it.each(['auth.lock', 'auth.json.lock'])('(%s) is waited for', async (name) => {
    const home = await codexHome(chatgptAuthJson());
    const release = await lockFile(join(home.path, name));
    let polls = 0;
    const sleep = async () => {
      polls += 1;
      expect(await home.read()).toBe(chatgptAuthJson());
      if (polls === 3) await release();
    };
    await (await optIn(home, await authServer(), { sleep, flock: systemFlock })).agentIdentityAuth();
    expect(polls).toBe(3);
    expect(JSON.parse(await home.read()).agent_identity.task_id).toBe('task-1');
  });

  it('that is held too long is a retryable error, and nothing is written', async () => {
    const home = await codexHome(chatgptAuthJson());
    const refusingFlock: Flock = () => Promise.reject(Object.assign(new Error('held'), { code: 'EAGAIN' }));
    const auth = await optIn(home, await authServer(), {
      sleep: async () => undefined,
      flock: refusingFlock,
    });
    const error = await thrownBy(() => auth.agentIdentityAuth());
    expect([error.code, error.retryable]).toEqual(['lock_unavailable', true]);
    expect(await home.read()).toBe(chatgptAuthJson());
  });

  it('is taken by the optional package, if that is built for this version of Node', async () => {
    const isBuilt = await import('fs-ext-extra-prebuilt').then(
      () => true,
      () => false,
    );
    const home = await codexHome(chatgptAuthJson());
    const release = await lockFile(join(home.path, 'auth.lock'));
    let polls = 0;
    const sleep = async () => {
      polls += 1;
      await release();
    };
    await (await optIn(home, await authServer(), { sleep })).agentIdentityAuth();
    expect(polls).toBe(isBuilt ? 1 : 0);
    if (!isBuilt) await release();
  });

  it('is held while the file is replaced, not while registering, and is free afterwards', async () => {
    const home = await codexHome(chatgptAuthJson());
    const locks = [join(home.path, 'auth.lock'), join(home.path, 'auth.json.lock')];
    const tryAll = () => Promise.all(locks.map(async (path) => (await lockFile(path))()));
    const server = await authServer({
      task: async () => {
        await tryAll();
        return { body: { task_id: 'task-1' } };
      },
    });
    const fs: FileSystem = {
      ...nodeFs,
      rename: async (from, to) => {
        for (const path of locks) await expect(lockFile(path)).rejects.toMatchObject({ code: 'EAGAIN' });
        await rename(from, to);
      },
    };
    await (await optIn(home, server, { fs, flock: systemFlock })).agentIdentityAuth();
    await tryAll();
    expect(JSON.parse(await home.read()).agent_identity.task_id).toBe('task-1');
  });

  it('is created as the published client creates it', async () => {
    const home = await codexHome(chatgptAuthJson());
    await (await optIn(home, await authServer(), { flock: systemFlock })).agentIdentityAuth();
    expect((await lstat(join(home.path, 'auth.json.lock'))).mode & 0o777).toBe(0o600);
    expect((await lstat(join(home.path, 'auth.lock'))).size).toBe(0);
  });

  it('is not needed on a file system without locks', async () => {
    for (const code of ['ENOSYS', 'ENOTSUP', 'ENOLCK']) {
      const home = await codexHome(chatgptAuthJson());
      const flock: Flock = () => Promise.reject(Object.assign(new Error('no locks here'), { code }));
      await (await optIn(home, await authServer(), { flock })).agentIdentityAuth();
      expect(JSON.parse(await home.read()).agent_identity.task_id).toBe('task-1');
    }
  });
});

describe('without the opt-in', () => {
  it('no file is created, touched or written, and only auth.json is opened', async () => {
    const home = await codexHome(
      chatgptAuthJson({}, { agent_identity: storedRecord({ task_id: undefined }) }),
    );
    const before = await listing(home.path);
    const opened: unknown[] = [];
    const refuse = async () => {
      throw new Error('expected no such call');
    };
    const names = ['chown', 'link', 'mkdir', 'rename', 'unlink', 'utimes', 'writeFile', 'readdir'] as const;
    const fs: FileSystem = {
      ...nodeFs,
      ...Object.fromEntries(names.map((name) => [name, refuse])),
      open: (path, flags, mode) => {
        opened.push(path, flags);
        return open(path, flags, mode);
      },
    };
    const server = await authServer();
    const store = fileAuthStore({ codexHome: home.path }, { fs, flock: refuse });
    // Refuses and counts: a request to anywhere would be noticed, not only one to the server here.
    const fetch = vi.fn(refuse);
    const auth = await openChatgptAuth({ store, authapiBaseUrl: server.baseUrl }, { clock, fetch });
    expect(await auth.agentIdentityAuth()).toBeUndefined();
    expect((await auth.bearerHeaders())['Authorization']).toMatch(/^Bearer /);
    expect(fetch).not.toHaveBeenCalled();
    expect(opened).toEqual([home.authFile, nodeFs.constants.O_RDONLY | nodeFs.constants.O_NONBLOCK]);
    expect(await listing(home.path)).toEqual(before);
    expect(server.requests).toEqual([]);
  });

  it('and with it, no file is created while nobody is logged in', async () => {
    const home = await codexHome();
    const server = await authServer();
    expect(await (await optIn(home, server)).agentIdentityAuth()).toBeUndefined();
    expect(await readdir(home.path)).toEqual([]);
    expect(server.requests).toEqual([]);
  });
});

describe('update', () => {
  it('does not create a file that is gone, and leaves no locks', async () => {
    const home = await codexHome();
    const store = fileAuthStore({ codexHome: home.path });
    await store.update((text) => text ?? chatgptAuthJson());
    expect(await readdir(home.path)).toEqual([]);
  });

  it('does not create a file that goes while the lock is waited for', async () => {
    const home = await codexHome(chatgptAuthJson());
    const flock = () => rm(home.authFile, { force: true });
    const seen: unknown[] = [];
    await fileAuthStore({ codexHome: home.path }, { flock }).update((text) => {
      seen.push(text);
      return chatgptAuthJson();
    });
    expect(seen).toEqual([undefined]);
    expect((await readdir(home.path)).sort()).toEqual(['auth.json.lock', 'auth.lock', 'chatgpt-auth-locks']);
  });

  it('writes nothing if nothing changes', async () => {
    const home = await codexHome(chatgptAuthJson());
    const { ino } = await lstat(home.authFile);
    const store = fileAuthStore({ codexHome: home.path });
    await store.update((text) => text);
    await store.update(() => undefined);
    expect((await lstat(home.authFile)).ino).toBe(ino);
  });
});

/** The temporary file of a write that a crash ended. */
async function leftover(home: CodexHome): Promise<string> {
  const before = await readdir(home.path);
  const fs: FileSystem = {
    ...withHandles({
      write: () => {
        throw new Error('crash');
      },
    }),
    unlink: async (path) => {
      if (!String(path).endsWith('.tmp')) await unlink(path);
    },
  };
  const store = fileAuthStore({ codexHome: home.path }, { fs });
  expect(await codeOf(() => store.update((text) => `${text} `))).toBe('unwritable_auth_file');
  const made = (await readdir(home.path)).filter((name) => name.startsWith('.') && !before.includes(name));
  expect(made).toHaveLength(1);
  return join(home.path, made[0] ?? '');
}

function age(path: string, seconds: number): Promise<void> {
  return utimes(path, clock() / 1000 - seconds, clock() / 1000 - seconds);
}

async function listing(path: string) {
  const entries = await readdir(path, { withFileTypes: true });
  return Promise.all(
    [dirname(join(path, 'x')), ...entries.map((entry) => join(path, entry.name))].map(async (entry) => {
      const { mtimeMs, ctimeMs, ino, size, mode } = await lstat(entry);
      return { entry, mtimeMs, ctimeMs, ino, size, mode };
    }),
  );
}

interface HandleSteps {
  readonly write?: () => unknown;
  readonly sync?: () => unknown;
  readonly stat?: (stats: Awaited<ReturnType<typeof lstat>>) => unknown;
  readonly chown?: (uid: number, gid: number) => unknown;
}

/** The real file system, with something added to the steps of writing a temporary file. */
function withHandles({ write, sync, stat, chown }: HandleSteps): FileSystem {
  return {
    ...nodeFs,
    open: async (path, flags, mode) => {
      const handle = await open(path, flags, mode);
      if (flags !== 'wx') return handle;
      const real = { write: handle.writeFile, sync: handle.sync, stat: handle.stat };
      return Object.assign(handle, {
        ...(write && { writeFile: async () => write() }),
        ...(sync && {
          sync: async () => {
            await real.sync.call(handle);
            await sync();
          },
        }),
        ...(stat && { stat: async () => stat(await real.stat.call(handle)) }),
        ...(chown && { chown: async (uid: number, gid: number) => chown(uid, gid) }),
      });
    },
  };
}
