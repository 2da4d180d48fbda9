import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createAssertionSigner, generateAgentKey } from 'agent-identity-core';
import { freePort } from 'test-support/free-port';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { installProject, packPackages } from './install-packed.js';

const folder = mkdtempSync(join(tmpdir(), 'platforms-'));
const project = join(folder, 'project');
const agentKey = generateAgentKey();
const signer = createAssertionSigner({ agentKey, agentRuntimeId: 'agent-1', taskId: 'task-1' });

/** The npm packages with the binaries of this machine; those called `bun` and `deno` need install scripts. */
const cpu = arch() === 'arm64' ? 'arm64' : 'x64';
const binaries = {
  bun: `@oven/bun-${platform()}-${cpu === 'arm64' ? 'aarch64' : 'x64'}`,
  deno: `@deno/${platform()}-${cpu}${platform() === 'linux' ? '-glibc' : ''}`,
};

/** A service that knows one agent. */
const service = `
import { readSshPublicKey } from 'agent-identity-core';
import { createAssertionVerifier, memoryDirectory } from 'agent-identity-verifier';
import { withAgent } from 'agent-identity-verifier/fetch';

const directory = memoryDirectory();
const publicKey = readSshPublicKey('${agentKey.publicKey.ssh}');
directory.putAgentRuntime({ agentRuntimeId: 'agent-1', publicKey, accountId: 'account-1' });
directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });
export const verifier = createAssertionVerifier({ directory });

export const handle = withAgent(verifier, (request, { taskId }) =>
  Response.json({ taskId, path: new URL(request.url).pathname }),
);
`;

beforeAll(async () => {
  const tarballs = await packPackages(folder);
  const packed = ['agent-identity-core', 'agent-identity-verifier'].map((name) => [name, tarballs.get(name)]);
  await installProject(project, {
    ...Object.fromEntries(packed),
    [binaries.bun]: '1.4.5',
    [binaries.deno]: '2.9.6',
    next: '16.4.6',
    react: '19',
    'react-dom': '19',
  });
  await writeFile(join(project, 'service.mjs'), service);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true }));

const inProject = (...path: string[]) => join(project, 'node_modules', ...path);
const env = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: folder,
  NODE_ENV: 'production',
  NEXT_TELEMETRY_DISABLED: '1',
  DENO_NO_UPDATE_CHECK: '1',
});

/** Starts a server of the project; returns its origin when it answers. */
async function startProgram(command: string, words: (port: string) => readonly string[]): Promise<string> {
  const port = String(await freePort());
  const child = spawn(command, words(port), {
    cwd: project,
    env: { ...env(), PORT: port },
    stdio: 'inherit',
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with exit code ${code}`);
  });
  onTestFinished(async () => {
    child.kill();
    await ended.catch(() => {});
  });
  const origin = `http://127.0.0.1:${port}`;
  await Promise.race([ended, vi.waitFor(() => fetch(origin), { timeout: 30_000, interval: 100 })]);
  return origin;
}

async function expectOnlyTheAgent(url: string): Promise<void> {
  const headers = { authorization: signer.authorizationHeader(), 'chatgpt-account-id': 'account-1' };
  const accepted = await fetch(url, { headers });
  expect([accepted.status, await accepted.json()]).toEqual([
    200,
    { taskId: 'task-1', path: new URL(url).pathname },
  ]);
  const refused = await fetch(url);
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'AgentAssertion']);
  expect(await refused.json()).toMatchObject({ error: { code: 'missing_assertion' } });
}

describe('withAgent', () => {
  it('runs in Bun', async () => {
    await writeFile(
      join(project, 'bun.mjs'),
      `import { handle } from './service.mjs';
       Bun.serve({ hostname: '127.0.0.1', port: Number(Bun.env.PORT), fetch: (request) => handle(request) });`,
    );
    await expectOnlyTheAgent(
      `${await startProgram(inProject(binaries.bun, 'bin', 'bun'), () => ['bun.mjs'])}/v1`,
    );
  });

  it('runs in Deno', async () => {
    await writeFile(
      join(project, 'deno.mjs'),
      `import { handle } from './service.mjs';
       Deno.serve({ hostname: '127.0.0.1', port: Number(Deno.args[0]) }, (request) => handle(request));`,
    );
    const words = (port: string) => [
      'run',
      '--allow-net',
      '--allow-env',
      '--node-modules-dir=manual',
      'deno.mjs',
      port,
    ];
    await expectOnlyTheAgent(`${await startProgram(inProject(binaries.deno, 'deno'), words)}/v1`);
  });

  it('runs in route handlers of Next.js, in its Node and its Edge runtime, and in its proxy', async () => {
    for (const runtime of ['nodejs', 'edge']) {
      await mkdir(join(project, 'app', runtime), { recursive: true });
      await writeFile(
        join(project, 'app', runtime, 'route.js'),
        `import { handle } from '../../service.mjs';
         export const runtime = '${runtime}';
         export const dynamic = 'force-dynamic';
         export const GET = (request) => handle(request);`,
      );
    }
    await writeFile(
      join(project, 'proxy.js'),
      `import { withAgent } from 'agent-identity-verifier/fetch';
       import { NextResponse } from 'next/server';
       import { verifier } from './service.mjs';
       const guard = withAgent(verifier, (request, { taskId }) => {
         const headers = new Headers(request.headers);
         headers.set('x-agent-task-id', taskId);
         return NextResponse.next({ request: { headers } });
       });
       export const proxy = (request) => guard(request);
       export const config = { matcher: '/guarded/:path*' };`,
    );
    await mkdir(join(project, 'app', 'guarded'), { recursive: true });
    await writeFile(
      join(project, 'app', 'guarded', 'route.js'),
      `export const dynamic = 'force-dynamic';
       export const GET = ({ url, headers }) =>
         Response.json({ taskId: headers.get('x-agent-task-id'), path: new URL(url).pathname });`,
    );
    const next = inProject('next', 'dist', 'bin', 'next');
    await promisify(execFile)(process.execPath, [next, 'build'], { cwd: project, env: env() });
    const words = (port: string) => [next, 'start', '-H', '127.0.0.1', '-p', port];
    const origin = await startProgram(process.execPath, words);
    await expectOnlyTheAgent(`${origin}/nodejs`);
    await expectOnlyTheAgent(`${origin}/edge`);
    await expectOnlyTheAgent(`${origin}/guarded`);
  });
});
