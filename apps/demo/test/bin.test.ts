import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../dist/bin.js', import.meta.url));
const agent = fileURLToPath(new URL('../agent.mjs', import.meta.url));

type Demo = ChildProcessByStdio<null, Readable, Readable>;

function startDemo(...args: string[]): Demo {
  return spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function runDemo(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  const demo = startDemo(...args);
  let output = '';
  let errors = '';
  demo.stdout.on('data', (chunk) => {
    output += chunk;
  });
  demo.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(demo, 'close');
  return { code, output, errors };
}

describe('demo --once', () => {
  it('passes every step and exits with 0', async () => {
    const { code, output, errors } = await runDemo('--once');
    expect(errors).toBe('');
    expect(output).toContain('19 of 19 steps passed.');
    expect(output).not.toContain('FAILED');
    expect(code).toBe(0);
  });

  it('prints no private key, no API key, no whole JWT and no whole assertion', async () => {
    const { output } = await runDemo('--once');
    expect(output).not.toMatch(/MC4CAQAw|MFECAQEw|agent_private_key/);
    expect(output).not.toMatch(/eyJ[\w-]{40,}/);
    expect(output).not.toContain('key-of-this-provider');
    expect(output).not.toMatch(/demo-key-\w{8}/);
  });
});

describe('demo --json', () => {
  it('prints one JSON object per step with request, response and duration', async () => {
    const { code, output } = await runDemo('--json');
    const entries = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(entries).toHaveLength(19);
    for (const entry of entries) {
      expect(entry).toEqual({
        section: expect.any(String),
        title: expect.any(String),
        sent: expect.any(String),
        received: expect.any(String),
        milliseconds: expect.any(Number),
        passed: true,
      });
    }
  });

  it('shows the status and code of each refusal', async () => {
    const { output } = await runDemo('--json');
    const received = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).received);
    const refusals = received
      .slice(-6)
      .map((text) => `${text.slice(0, 3)} ${/"code":"(\w+)"/.exec(text)?.[1]}`);
    expect(refusals).toEqual([
      '401 invalid_signature',
      '401 invalid_signature',
      '401 assertion_expired',
      '403 account_mismatch',
      expect.any(String),
      '403 agent_runtime_deleted',
    ]);
    expect(received.at(-2)).toBe('error unknown_kid');
  });
});

describe('demo without --once', () => {
  it('keeps the servers running, prints a request that works, and exits on SIGTERM', async () => {
    const demo = startDemo();
    try {
      const command = await readCurlCommand(demo);
      const response = await fetch(command.url, {
        method: 'POST',
        headers: command.headers,
        body: command.body,
      });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('response.completed');
    } finally {
      demo.kill('SIGTERM');
    }
    expect(await once(demo, 'close')).toEqual([0, null]);
  });
});

describe('the identity that the demo hands out', () => {
  it('is in files of mode 0600 that are deleted when the demo exits, beside an administrator token that works', async () => {
    const demo = startDemo();
    let printed = '';
    for await (const line of createInterface({ input: demo.stdout })) {
      printed += `${line}\n`;
      if (line.startsWith('The public keys')) break;
    }
    const [, jwtFile = ''] = /AGENT_IDENTITY_JWT_FILE=(\S+)/.exec(printed) ?? [];
    const [, tokenFile = '', adminUrl = ''] = /Bearer \$\(cat (\S+)\)" (\S+)/.exec(printed) ?? [];
    expect((await readFile(jwtFile, 'utf8')).split('.')).toHaveLength(3);
    expect((await stat(jwtFile)).mode & 0o777).toBe(0o600);
    expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
    const authorization = `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`;
    const agents = await fetch(adminUrl, { headers: { authorization } });
    expect(agents.status).toBe(200);
    expect(printed).not.toContain(authorization);

    const [, authorityUrl = '', baseUrl = ''] =
      /AUTHORITY_URL=(\S+) MODEL_BASE_URL=(\S+)/.exec(printed) ?? [];
    const env = {
      ...process.env,
      AGENT_IDENTITY_JWT_FILE: jwtFile,
      AUTHORITY_URL: authorityUrl,
      MODEL_BASE_URL: baseUrl,
    };
    const { stdout } = await promisify(execFile)(process.execPath, [agent], { env });
    expect(stdout).toMatch(/^Under task-[\w-]+ you said: Hello\n$/);
    demo.kill('SIGTERM');
    await once(demo, 'close');
    await expect(stat(jwtFile)).rejects.toThrow('ENOENT');
  });
});

it('the agent of the README is the file that the demo says to run', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`\`\`\`js\n${await readFile(agent, 'utf8')}\`\`\``);
});

describe('demo with an unknown option', () => {
  it('prints a usage error and exits with 2', async () => {
    const { code, errors } = await runDemo('--twice');
    expect(code).toBe(2);
    expect(errors).toContain("'--twice'");
    expect(errors).toContain('--once   exit after the last step');
    expect(errors).not.toContain('at main');
  });
});

async function readCurlCommand(demo: Demo) {
  const headers: Record<string, string> = {};
  let url = '';
  for await (const line of createInterface({ input: demo.stdout })) {
    url = /^curl -N (\S+)/.exec(line)?.[1] ?? url;
    const [, name, value] = /-H '([^:]+): ([^']+)'/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) headers[name] = value;
    const body = / -d '([^']+)'/.exec(line)?.[1];
    if (body !== undefined) return { url, headers, body };
  }
  throw new Error('the demo ended without a curl command');
}
