import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAgentKey } from 'agent-identity-core';
import { fixedAgent, temporaryFile, temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

describe('keygen', () => {
  it('writes a private key for the owner only, and prints its public key', async () => {
    const file = join(await temporaryFolder(), 'agent.key');
    const { code, stdout, stderr } = await runProgram(['keygen', '--out', file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const key = readAgentKey((await readFile(file, 'utf8')).trim());
    expect(stdout).toBe(`${key.publicKey.ssh}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('never overwrites a file', async () => {
    const file = await temporaryFile('mine', 'agent.key');
    const { code, stdout, stderr } = await runProgram(['keygen', '--out', file, '--json']);
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'unwritable_file', exit_code: 7, retryable: false },
    });
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it('prints a private key only with --reveal', async () => {
    expect(await runProgram(['keygen'])).toMatchObject({ code: 2, stdout: '' });
    const { stdout } = await runProgram(['keygen', '--reveal', '--json']);
    const { public_key, agent_private_key } = JSON.parse(stdout);
    expect(readAgentKey(agent_private_key).publicKey.ssh).toBe(public_key);
  });

  it('prints the public key of an existing key, from a file and from standard input', async () => {
    const file = join(await temporaryFolder(), 'agent.key');
    await writeFile(file, `${fixedAgent.pkcs8}\n`);
    const expected = { code: 0, stdout: `${fixedAgent.sshLine}\n` };
    expect(await runProgram(['keygen', '--public-of', file])).toMatchObject(expected);
    expect(await runProgram(['keygen', '--public-of', '-'], { input: fixedAgent.pkcs8 })).toMatchObject(
      expected,
    );
  });

  it('refuses a damaged key without showing it', async () => {
    const damaged = fixedAgent.pkcs8.slice(0, -4);
    const { code, stdout, stderr } = await runProgram(['keygen', '--public-of', '-'], { input: damaged });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('invalid_agent_key');
    expect(stderr).not.toContain(damaged.slice(20));
  });
});
