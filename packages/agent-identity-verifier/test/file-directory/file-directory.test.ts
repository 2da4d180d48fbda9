import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generateAgentKey } from 'agent-identity-core';
import {
  type AgentDirectory,
  createAssertionVerifier,
  type VerificationError,
  verificationFailureResponse,
} from 'agent-identity-verifier';
import {
  type DirectoryFile,
  directoryFileSchema,
  type FileDirectoryOptions,
  fileDirectory,
} from 'agent-identity-verifier/file-directory';
import { type ManualClock, manualClock, temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { collectWarnings } from '../support/collect-warnings.js';
import { headerOf, now } from '../support/known-agent.js';
import { jumpWallClock, wallClockJumps } from '../support/wall-clock.js';

const agentKey = generateAgentKey();
const agent = { agentKey, agentRuntimeId: 'agent-1', taskId: 'task-1' };

/** A file with one agent and one active task, with these changes. */
function fileOf(change: Partial<DirectoryFile['agents'][number]> = {}): DirectoryFile {
  const known = {
    agent_runtime_id: 'agent-1',
    agent_public_key: agentKey.publicKey.ssh,
    account_id: 'account-1',
    tasks: [{ task_id: 'task-1' }],
  };
  return { agents: [{ ...known, ...change }] };
}

const chatgptActor = { kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' } as const;

/** A file with one runtime agent instance, with these changes. */
function instanceFileOf(
  change: Partial<NonNullable<DirectoryFile['instances']>[number]> = {},
): DirectoryFile {
  const known = {
    runtime_agent_instance_id: 'rai-1',
    agent_host_id: 'host-1',
    public_key: agentKey.publicKey.ssh,
    actor: chatgptActor,
  };
  return { agents: [], instances: [{ ...known, ...change }] };
}

const twoInstances: DirectoryFile = {
  agents: [],
  instances: [instanceFileOf(), instanceFileOf()].flatMap(({ instances = [] }) => instances),
};

interface Scene extends ManualClock {
  readonly path: string;
  readonly directory: AgentDirectory;
  readonly failures: VerificationError[];
  /** Writes in place. */
  write(content: unknown): Promise<void>;
}

/** A valid file, a directory that has read it, and the monotonic clock of the directory. */
async function scene(options: Partial<FileDirectoryOptions> = {}): Promise<Scene> {
  const path = join(await temporaryFolder(), 'agents.json');
  const write = (content: unknown) =>
    writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  await write(fileOf());
  const time = manualClock(now);
  const failures: VerificationError[] = [];
  const directory = await fileDirectory(
    { path, onFailure: (failure) => failures.push(failure), ...options },
    { monotonicClock: time.clock },
  );
  return { path, directory, failures, write, ...time };
}

const accountOf = async (directory: AgentDirectory) =>
  (await directory.findAgentRuntime('agent-1'))?.accountId;

describe('a directory file', () => {
  it('lists runtimes and tasks, active by default', async () => {
    const { directory } = await scene();
    expect(directory.findAgentRuntime('agent-1')).toMatchObject({
      agentRuntimeId: 'agent-1',
      accountId: 'account-1',
      status: 'active',
      publicKey: { ssh: agentKey.publicKey.ssh },
    });
    expect(directory.findAgentTask('agent-1', 'task-1')).toEqual({
      agentRuntimeId: 'agent-1',
      taskId: 'task-1',
      status: 'active',
    });
    expect(directory.findAgentRuntime('agent-2')).toBeUndefined();
    expect(directory.findAgentTask('agent-1', 'task-2')).toBeUndefined();
  });

  it('lists what a runtime may do, nothing by default', async () => {
    const { directory, write, advance } = await scene();
    expect(directory.findAgentRuntime('agent-1')).toMatchObject({ capabilities: [] });
    await write(fileOf({ capabilities: ['repository:read'] }));
    advance(1);
    await directory.findAgentRuntime('agent-1');
    expect(directory.findAgentRuntime('agent-1')).toMatchObject({ capabilities: ['repository:read'] });
  });

  it('lists runtime agent instances, active and without expiry by default', async () => {
    const { directory, write, advance } = await scene();
    expect(await directory.findRuntimeAgentInstance?.('rai-1')).toBeUndefined();
    await write(instanceFileOf());
    advance(1);
    expect(await directory.findRuntimeAgentInstance?.('rai-1')).toMatchObject({
      runtimeAgentInstanceId: 'rai-1',
      agentHostId: 'host-1',
      publicKey: { ssh: agentKey.publicKey.ssh },
      actor: { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' },
      status: 'active',
      expiresAt: undefined,
    });
    const actor = { kind: 'platform', user_id: 'u', organization_id: 'o', project_id: null } as const;
    await write(instanceFileOf({ actor, status: 'revoked', expires_at: '2026-04-23T00:00:00Z' }));
    advance(1);
    expect(await directory.findRuntimeAgentInstance?.('rai-1')).toMatchObject({
      actor: { kind: 'platform', userId: 'u', organizationId: 'o', projectId: null },
      status: 'revoked',
      expiresAt: now,
    });
  });

  it('can be given as a URL, and can begin with a byte order mark', async () => {
    const { path, write } = await scene();
    await write(`\ufeff${JSON.stringify(fileOf())}`);
    const directory = await fileDirectory({ path: pathToFileURL(path) });
    expect(await accountOf(directory)).toBe('account-1');
  });

  it.each([
    ['no JSON', '{"agents":[', 'expected JSON'],
    ['not UTF-8', Buffer.from([0x7b, 0xff]), 'expected JSON'],
    ['no list of agents', {}, 'agents:'],
    ['an unknown member', { ...fileOf(), comment: 'x' }, 'unknown member "comment"'],
    ['a misspelled status', fileOf({ staus: 'revoked' } as object), 'agents.0:'],
    ['an unknown status', fileOf({ status: 'fine' as 'active' }), 'agents.0.status:'],
    [
      'an unknown status of a task',
      fileOf({ tasks: [{ task_id: 't', status: 'fine' as 'active' }] }),
      'agents.0.tasks.0.status:',
    ],
    ['an empty id', fileOf({ agent_runtime_id: '' }), 'agents.0.agent_runtime_id:'],
    ['a key of another kind', fileOf({ agent_public_key: 'ssh-rsa AAAA' }), 'agents.0.agent_public_key:'],
    [
      'an unusable key',
      fileOf({ agent_public_key: `ssh-ed25519 ${'A'.repeat(68)}` }),
      'agents.0.agent_public_key:',
    ],
    ['an agent twice', { agents: [...fileOf().agents, ...fileOf().agents] }, 'agents.1.agent_runtime_id:'],
    ['an instance twice', twoInstances, 'instances.1.runtime_agent_instance_id:'],
    ['a misspelled status of an instance', instanceFileOf({ staus: 'revoked' } as object), 'instances.0:'],
    [
      'a status of a runtime for an instance',
      instanceFileOf({ status: 'deleted' as 'active' }),
      'instances.0.status:',
    ],
    [
      'an actor without account',
      instanceFileOf({ actor: { kind: 'chatgpt', user_id: 'u' } as never }),
      'instances.0.actor.account_id:',
    ],
    ['a time without zone', instanceFileOf({ expires_at: '2026-04-23' }), 'instances.0.expires_at:'],
    [
      'an unusable key of an instance',
      instanceFileOf({ public_key: `ssh-ed25519 ${'A'.repeat(68)}` }),
      'instances.0.public_key:',
    ],
    ['a capability with a space', fileOf({ capabilities: ['a b'] }), 'agents.0.capabilities.0:'],
    ['a task twice', fileOf({ tasks: [{ task_id: 't' }, { task_id: 't' }] }), 'agents.0.tasks.1.task_id:'],
  ])('is refused with %s, and the error names the member', async (_what, content, place) => {
    const path = join(await temporaryFolder(), 'agents.json');
    await writeFile(
      path,
      Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content),
    );
    await expect(fileDirectory({ path })).rejects.toMatchObject({
      code: 'invalid_directory_file',
      message: expect.stringContaining(place),
    });
  });

  it('is refused above maxBytes', async () => {
    const { path } = await scene();
    const size = (await readFile(path)).length;
    await fileDirectory({ path, maxBytes: size });
    await expect(fileDirectory({ path, maxBytes: size - 1 })).rejects.toMatchObject({
      code: 'invalid_directory_file',
    });
  });

  it('must be a regular file', async () => {
    const folder = await temporaryFolder();
    for (const path of [join(folder, 'none.json'), folder]) {
      await expect(fileDirectory({ path })).rejects.toMatchObject({ code: 'directory_unavailable' });
    }
  });

  it('has the JSON Schema that the package ships', async () => {
    const shipped = await readFile(
      new URL(import.meta.resolve('agent-identity-verifier/directory-file.schema.json')),
      'utf8',
    );
    expect(JSON.parse(shipped)).toEqual({
      title: 'Agent directory',
      ...z.toJSONSchema(directoryFileSchema),
    });
  });
});

describe('a change of the file', () => {
  it('is not looked for within a second, and answers are synchronous', async () => {
    const { directory, write, advance } = await scene();
    await write(fileOf({ account_id: 'account-2' }));
    advance(0.999);
    expect(directory.findAgentRuntime('agent-1')).toMatchObject({ accountId: 'account-1' });
    advance(0.001);
    expect(await accountOf(directory)).toBe('account-2');
    expect(directory.findAgentRuntime('agent-1')).toMatchObject({ accountId: 'account-2' });
  });

  it('is seen if another file is renamed over it', async () => {
    const { directory, path, advance } = await scene();
    await writeFile(`${path}.new`, JSON.stringify(fileOf({ account_id: 'account-2' })));
    await rename(`${path}.new`, path);
    advance(1);
    expect(await accountOf(directory)).toBe('account-2');
  });

  it('is seen if a link on its path is swapped, as mounted configuration does', async () => {
    const folder = await temporaryFolder();
    for (const version of ['1', '2']) {
      await mkdir(join(folder, version));
      const content = JSON.stringify(fileOf({ account_id: `account-${version}` }));
      await writeFile(join(folder, version, 'agents.json'), content);
    }
    await symlink('1', join(folder, 'current'));
    const { clock, advance } = manualClock(now);
    const path = join(folder, 'current', 'agents.json');
    const directory = await fileDirectory({ path }, { monotonicClock: clock });
    await symlink('2', join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'current'));
    advance(1);
    expect(await accountOf(directory)).toBe('account-2');
  });

  it('is seen if size and modification time stay the same', async () => {
    const { directory, write, advance } = await scene();
    for (const account of ['account-2', 'account-3', 'account-4']) {
      await write(fileOf({ account_id: account }));
      advance(1);
      expect(await accountOf(directory)).toBe(account);
    }
  });

  it('keeps the objects of unchanged keys of instances', async () => {
    const { directory, write, advance } = await scene();
    await write(instanceFileOf());
    advance(1);
    const before = await directory.findRuntimeAgentInstance?.('rai-1');
    await write(instanceFileOf({ agent_host_id: 'host-2' }));
    advance(1);
    const after = await directory.findRuntimeAgentInstance?.('rai-1');
    expect(after?.agentHostId).toBe('host-2');
    expect(after?.publicKey).toBe(before?.publicKey);
  });

  it('keeps the objects of unchanged keys', async () => {
    const { directory, write, advance } = await scene();
    const before = await directory.findAgentRuntime('agent-1');
    await write(fileOf({ account_id: 'account-2' }));
    advance(1);
    expect((await directory.findAgentRuntime('agent-1'))?.publicKey).toBe(before?.publicKey);
    const { ssh } = generateAgentKey().publicKey;
    await write(fileOf({ agent_public_key: ssh }));
    advance(1);
    expect((await directory.findAgentRuntime('agent-1'))?.publicKey.ssh).toBe(ssh);
  });
});

describe('a revocation', () => {
  it.each([
    ['the runtime is revoked', fileOf({ status: 'revoked' }), 'agent_runtime_revoked'],
    ['the runtime is taken out', { agents: [] }, 'agent_runtime_not_found'],
    ['the task is revoked', fileOf({ tasks: [{ task_id: 'task-1', status: 'revoked' }] }), 'invalid_task_id'],
    ['the task is taken out', fileOf({ tasks: [] }), 'task_not_found'],
  ] as const)('takes effect within 5 s for every recheckSeconds: %s', async (_how, content, code) => {
    for (const recheckSeconds of [undefined, 5]) {
      const { directory, write, advance } = await scene({ recheckSeconds });
      const verifier = createAssertionVerifier({ directory }, { clock: () => now });
      const verify = () => verifier.verify(headerOf(agent), { accountId: 'account-1' });
      await verify();
      await write(content);
      advance(5);
      await expect(verify()).rejects.toMatchObject({ code });
    }
  });
});

describe('invalid content', () => {
  it('changes nothing, and is reported once', async () => {
    const { directory, write, advance, failures } = await scene();
    await write(fileOf({ status: 'fine' as 'active' }));
    for (let i = 0; i < 3; i += 1) {
      advance(1);
      expect(await accountOf(directory)).toBe('account-1');
    }
    expect(failures).toMatchObject([{ code: 'invalid_directory_file' }]);
    expect(failures[0]?.message).toContain('agents.0.status');
  });

  it('is reported again if it differs, or if it comes back after valid content', async () => {
    const { directory, write, advance, failures } = await scene();
    for (const content of ['{', '[', fileOf(), '[']) {
      await write(content);
      advance(1);
      await accountOf(directory);
    }
    expect(failures).toHaveLength(3);
  });

  it('can be a file that is half written; the next check reads all of it', async () => {
    const { directory, write, advance } = await scene();
    const whole = JSON.stringify(fileOf({ account_id: 'account-2' }));
    for (const part of ['', whole.slice(0, 40)]) {
      await write(part);
      advance(1);
      expect(await accountOf(directory)).toBe('account-1');
    }
    await write(whole);
    advance(1);
    expect(await accountOf(directory)).toBe('account-2');
  });

  it('can be a file above maxBytes', async () => {
    const { directory, write, advance, failures } = await scene({ maxBytes: 1000 });
    for (let i = 0; i < 2; i += 1) {
      await write(`${JSON.stringify(fileOf())}${' '.repeat(1000)}`);
      advance(1);
      expect(await accountOf(directory)).toBe('account-1');
    }
    expect(failures).toMatchObject([{ code: 'invalid_directory_file' }]);
  });
});

describe('a missing file', () => {
  it('makes the directory unavailable until it is back, and is reported once', async () => {
    const { directory, path, write, advance, failures } = await scene();
    const verifier = createAssertionVerifier({ directory }, { clock: () => now });
    const verify = () => verifier.verify(headerOf(agent), { accountId: 'account-1' });
    await rm(path);
    for (let i = 0; i < 3; i += 1) {
      advance(1);
      const error = await verify().catch((thrown: unknown) => thrown);
      expect(verificationFailureResponse(error).status).toBe(503);
    }
    expect(failures).toMatchObject([
      { code: 'directory_unavailable', message: expect.stringContaining('ENOENT') },
    ]);
    await write(fileOf());
    advance(1);
    expect(await verify()).toMatchObject({ agentRuntimeId: 'agent-1' });
  });

  it('is reported again if it was back in between', async () => {
    const { directory, path, write, advance, failures } = await scene();
    for (let i = 0; i < 2; i += 1) {
      await rm(path);
      advance(1);
      await expect(accountOf(directory)).rejects.toMatchObject({ code: 'directory_unavailable' });
      await write(fileOf());
      advance(1);
      expect(await accountOf(directory)).toBe('account-1');
    }
    expect(failures).toHaveLength(2);
  });

  it('can have become a pipe, which is not read', async () => {
    const { directory, path, advance } = await scene();
    await rm(path);
    execFileSync('mkfifo', [path]);
    advance(1);
    await expect(accountOf(directory)).rejects.toMatchObject({ code: 'directory_unavailable' });
  });

  it('discards the previous content: invalid content does not bring it back', async () => {
    const { directory, path, write, advance, failures } = await scene();
    await rm(path);
    advance(1);
    await expect(accountOf(directory)).rejects.toMatchObject({ code: 'directory_unavailable' });
    await write('{');
    advance(1);
    await expect(accountOf(directory)).rejects.toMatchObject({ code: 'invalid_directory_file' });
    expect(() => directory.findAgentRuntime('agent-1')).toThrow('directory file');
    expect(failures.map(({ code }) => code)).toEqual(['directory_unavailable', 'invalid_directory_file']);
  });
});

it('concurrent look-ups share one check of the file', async () => {
  const { directory, write, advance, failures } = await scene();
  await write(fileOf({ account_id: 'account-2' }));
  advance(1);
  const found = await Promise.all(
    Array.from({ length: 20 }, async () => directory.findAgentRuntime('agent-1')),
  );
  expect(found[0]).toMatchObject({ accountId: 'account-2' });
  expect(new Set(found).size).toBe(1);
  expect(failures).toEqual([]);
});

it('an exception of onFailure is ignored', async () => {
  const { path, write } = await scene();
  const { clock, advance } = manualClock(now);
  const onFailure = () => {
    throw new Error('the log is full');
  };
  const directory = await fileDirectory({ path, onFailure }, { monotonicClock: clock });
  await write('{');
  advance(1);
  expect(await accountOf(directory)).toBe('account-1');
});

it.each(wallClockJumps)(
  'a jump of the wall clock by %s changes nothing about the checks',
  async (_jump, seconds) => {
    const { directory, write, advance } = await scene();
    await write(fileOf({ status: 'revoked' }));
    jumpWallClock(seconds);
    advance(0.999);
    expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ status: 'active' });
    advance(0.001);
    expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ status: 'revoked' });
    jumpWallClock(-seconds);
    expect(await directory.findAgentRuntime('agent-1')).toMatchObject({ status: 'revoked' });
  },
);

it('without onFailure, invalid content and a missing file are process warnings', async () => {
  const { directory, path, write, advance } = await scene({ onFailure: undefined });
  const warnings = await collectWarnings(async () => {
    await write(fileOf({ status: 'fine' as 'active' }));
    advance(1);
    expect(await accountOf(directory)).toBe('account-1');
    await rm(path);
    advance(1);
    await expect(accountOf(directory)).rejects.toMatchObject({ code: 'directory_unavailable' });
  });
  expect(warnings).toEqual([
    expect.stringContaining('agents.0.status'),
    expect.stringContaining('cannot be read: ENOENT'),
  ]);
});

it('the failure of the first read rejects fileDirectory and is not reported otherwise', async () => {
  const failures: VerificationError[] = [];
  const path = join(await temporaryFolder(), 'none.json');
  const warnings = await collectWarnings(async () => {
    const onFailure = (failure: VerificationError) => failures.push(failure);
    await expect(fileDirectory({ path, onFailure })).rejects.toMatchObject({ code: 'directory_unavailable' });
    await expect(fileDirectory({ path })).rejects.toMatchObject({ code: 'directory_unavailable' });
  });
  expect([failures, warnings]).toEqual([[], []]);
});

it.each([
  ['path', { path: undefined }],
  ['recheckSeconds', { recheckSeconds: 6 }],
  ['recheckSeconds', { recheckSeconds: -1 }],
  ['recheckSeconds', { recheckSeconds: Number.NaN }],
  ['maxBytes', { maxBytes: 0 }],
  ['onFailure', { onFailure: 'log' }],
  ['did you mean "recheckSeconds"', { recheckSecond: 1 }],
])('fileDirectory refuses an invalid %s: %j', async (name, wrong) => {
  const options = { path: 'agents.json', ...wrong } as unknown as FileDirectoryOptions;
  await expect(fileDirectory(options)).rejects.toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining(name),
  });
});
