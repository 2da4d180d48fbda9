import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureInstalled, findProgram } from './ensure-installed.js';
import { spawnGuarded } from './spawn-guarded.js';

const run = promisify(execFile);

/** A real ssh-agent of OpenSSH. */
export interface SshAgent {
  readonly socketPath: string;
  /**
   * Lets `ssh-keygen` make a key, adds it, and deletes its file, so that only the agent has it. The tests never read it.
   *
   * @param options Arguments of `ssh-add`, such as `-c`.
   */
  addKey(comment: string, type?: 'ed25519' | 'ecdsa', options?: readonly string[]): Promise<SshAgentTestKey>;
  removeKeys(): Promise<void>;
  /** With a password that only this agent knows. */
  lock(): Promise<void>;
  unlock(): Promise<void>;
  /** Ends the agent. Its keys are gone. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Ends the agent for good. */
  stop(): Promise<void>;
}

/** The public half of a key that an agent holds. */
export interface SshAgentTestKey {
  /** Without the comment. */
  readonly line: string;
  /** With the comment, as `ssh-keygen` wrote it. */
  readonly publicKeyFile: string;
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/** Starts an agent without keys. */
export async function startSshAgent(): Promise<SshAgent> {
  const program = await sshAgentProgram();
  const folder = await mkdtemp(join(tmpdir(), 'ssh-agent-'));
  const socketPath = join(folder, 'socket');
  const askpass = join(folder, 'askpass');
  await writeFile(askpass, '#!/bin/sh\necho password-of-the-lock\n');
  await chmod(askpass, 0o700);
  const env = {
    ...process.env,
    SSH_AUTH_SOCK: socketPath,
    SSH_ASKPASS: askpass,
    SSH_ASKPASS_REQUIRE: 'force',
  };
  const sshAdd = (...words: readonly string[]) => run('ssh-add', ['-q', ...words], { env });
  let guard: ChildProcess | undefined;

  const agent: SshAgent = {
    socketPath,
    addKey: (...args) => addKey(folder, sshAdd, ...args),
    removeKeys: async () => void (await sshAdd('-D')),
    lock: async () => void (await sshAdd('-x')),
    unlock: async () => void (await sshAdd('-X')),
    async crash() {
      if (guard === undefined || guard.exitCode !== null) return;
      const ended = once(guard, 'exit');
      guard.stdin?.end();
      await ended;
      await rm(socketPath, { force: true });
    },
    async start() {
      const started = spawnGuarded([program, '-D', '-a', socketPath], { cwd: folder }, 'TERM');
      guard = started;
      while (!(await accepts(socketPath))) {
        if (started.exitCode !== null) throw new Error('ssh-agent did not start');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async stop() {
      await agent.crash();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await agent.start();
  return agent;
}

async function addKey(
  folder: string,
  sshAdd: (...words: readonly string[]) => Promise<unknown>,
  ...[comment, type = 'ed25519', options = []]: Parameters<SshAgent['addKey']>
): Promise<SshAgentTestKey> {
  const file = join(folder, comment);
  await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', comment, '-f', file]);
  await sshAdd(...options, file);
  await rm(file);
  const publicKeyFile = `${file}.pub`;
  const [keyType, blob] = (await readFile(publicKeyFile, 'utf8')).split(' ');
  const { stdout } = await run('ssh-keygen', ['-l', '-f', publicKeyFile]);
  return { line: `${keyType} ${blob}`, publicKeyFile, fingerprint: `${stdout.split(' ')[1]}` };
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function sshAgentProgram(): Promise<string> {
  return ensureInstalled(
    () => findProgram('ssh-agent'),
    ['openssh-client'],
    'These tests start an ssh-agent, and there is none: install the client of OpenSSH ' +
      '(apt-get install openssh-client), and put ssh-agent, ssh-add and ssh-keygen on the PATH.',
  );
}
