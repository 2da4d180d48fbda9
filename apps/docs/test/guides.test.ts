import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ensureInstalled, findProgram } from 'test-support/ensure-installed';
import { freePort } from 'test-support/free-port';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const site = fileURLToPath(new URL('..', import.meta.url));
const story = ['issue-identities', 'protect-my-service', 'sign-from-my-agent', 'sandboxed-agents'];

/** The programs of the guides, and Debian's packages of them. */
const programs = { curl: 'curl', openssl: 'openssl', pkill: 'procps' };

beforeAll(async () => {
  for (const [program, debianPackage] of Object.entries(programs)) {
    const hint = `${program} is not installed: the guides and their test need it`;
    await ensureInstalled(() => findProgram(program), [debianPackage], hint);
  }
});

/** The shell blocks of a guide that a reader runs. */
async function blocksOf(guide: string): Promise<string[]> {
  const text = await readFile(join(site, 'guides', `${guide}.md`), 'utf8');
  return Array.from(text.matchAll(/^```sh run\n(.*?)^```$/gms), ([, block = '']) => block);
}

/** A folder in which the packages and their programs are found, as after `npm install`. */
async function createProject(): Promise<string> {
  const folder = await mkdtemp(join(site, 'node_modules/.walk-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(join(site, 'guides/files'), folder, { recursive: true });
  return folder;
}

/** Runs a script as one terminal session, with the ports of the guides replaced by free ones. Ends what it leaves running. */
async function walk(folder: string, script: string): Promise<{ code: number | null; output: string }> {
  const ports = new Map<string, string>();
  for (const port of ['8787', '8788', '8080', '8081']) ports.set(port, String(await freePort()));
  const withPorts = (text: string) =>
    text.replaceAll(/\b(?:878[78]|808[01])\b/g, (port) => ports.get(port) ?? port);
  for (const file of ['service.mjs', 'agent.mjs', 'both.mjs']) {
    const path = join(folder, file);
    await writeFile(path, withPorts(await readFile(path, 'utf8')));
  }
  const shell = spawn('bash', ['-e', '-o', 'pipefail', '-c', withPorts(script)], {
    cwd: folder,
    detached: true,
    env: {
      PATH: `${join(site, 'node_modules/.bin')}:${process.env['PATH']}`,
      HOME: folder,
      AIA_PORT: ports.get('8787'),
      AIA_OPERATIONS_PORT: ports.get('8788'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  shell.stdout.on('data', (chunk) => (output += chunk));
  shell.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => shell.on('exit', resolve));
  // Each job of the script has a process group of its own; what is left of them is in the script's session.
  // It fails if there is nothing left.
  await promisify(execFile)('pkill', ['--session', String(shell.pid)]).catch(() => {});
  return { code, output };
}

describe('the guides', () => {
  it('lead from nothing to a sandboxed agent, run one after the other as they are written', async () => {
    const blocks = (await Promise.all(story.map(blocksOf))).flat();
    const { code, output } = await walk(await createProject(), `set -m\n${blocks.join('\n')}`);
    expect(code, output).toBe(0);
    // The refusal of the stranger, then the answers to curl, to the agent, and to the sandboxed program.
    expect(output).toContain('"code":"missing_assertion"');
    const answers = Array.from(output.matchAll(/"?path"?: ?["'](\/items)["']/g), ([, path]) => path);
    expect(answers).toEqual(['/items', '/items', '/items']);
    expect(output).toContain('200 {');
  });

  it('show a service that accepts agents and bearer tokens while it moves', async () => {
    const blocks = await blocksOf('issue-identities');
    const script = `set -m
      ${blocks.slice(0, 4).join('\n')}
      echo a-known-token > known.token
      node both.mjs > both.log &
      until curl --silent http://127.0.0.1:8081/ > /dev/null; do sleep 0.2; done
      curl --silent --fail -H "Authorization: Bearer a-known-token" http://127.0.0.1:8081/
      agent-identity curl http://127.0.0.1:8081/
      curl --silent --output /dev/null --write-out '%{http_code}\\n' -H "Authorization: Bearer other" http://127.0.0.1:8081/
      curl --silent --output /dev/null --write-out '%{http_code}\\n' http://127.0.0.1:8081/
      kill %1 %2`;
    const { code, output } = await walk(await createProject(), script);
    expect(code, output).toBe(0);
    expect(output).toMatch(/hello, somebody with a bearer token\nhello, agent-[0-9a-f-]{36}\n401\n401/);
  });
});
