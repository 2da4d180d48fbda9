import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** A process with an open store, and its output so far. */
export interface StoreProcess {
  readonly child: ChildProcess;
  /** Resolves when it has written this many lines, or has ended. */
  lines(count: number): Promise<readonly string[]>;
}

/** Opens a store in another process, and runs a script that can use `store`, `say(text)` and `runtime(name)`. */
export function startStoreProcess(
  url: string,
  script: string,
  { masterKey, nodeOptions = '' }: { readonly masterKey: Uint8Array; readonly nodeOptions?: string },
): StoreProcess {
  const program = `
    import { writeSync } from 'node:fs';
    import { openStore } from 'agent-identity-authority-sql';
    const say = (text) => writeSync(1, text + '\\n');
    const runtime = (name) => ({ agentRuntimeId: name, publicKeySsh: name, accountId: 'a', chatgptUserId: 'u', abom: null,
      planType: 'p', name: null, owner: null, labels: {}, capabilities: [], lineage: [], createdAt: 1, expiresAt: null,
      suspendedAt: null, revokedAt: null });
    const masterKey = Buffer.from(${JSON.stringify(Buffer.from(masterKey).toString('hex'))}, 'hex');
    const store = await openStore(${JSON.stringify(url)}, { masterKey }).catch(({ code }) => { say(code); });
    if (store) { ${script} }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: new URL('../..', import.meta.url),
    env: { ...process.env, NODE_OPTIONS: nodeOptions },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => said.push(line));
  let closed = false;
  reader.on('close', () => {
    closed = true;
  });
  return {
    child,
    lines: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (closed || said.length >= count) resolve(said);
        };
        reader.on('line', look);
        reader.on('close', () => resolve(said));
        look();
      }),
  };
}
