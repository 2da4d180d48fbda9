import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAgentAssertion, readSshPublicKey, verifyAgentAssertion } from 'agent-identity-core';
import { temporaryFolder } from 'test-support';
import { startSshAgent } from 'test-support/ssh-agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';
import { startService } from '../support/start-service.js';

let agent: Awaited<ReturnType<typeof startSshAgent>>;

beforeAll(async () => {
  agent = await startSshAgent();
}, 60_000);
afterAll(() => agent.stop());

let keys = 0;

async function scene() {
  const authority = await startAuthority();
  keys += 1;
  const key = await agent.addKey(`key ${keys}`);
  const folder = await temporaryFolder();
  const environment = {
    ...authority.environment,
    CODEX_HOME: join(folder, 'codex'),
    SSH_AUTH_SOCK: agent.socketPath,
  };
  const run = (words: readonly string[], input = '') => runProgram(words, { environment, input });
  const record = join(folder, 'record.json');
  const enroll = async (sshAgent = key.publicKeyFile) =>
    run(
      ['enroll', '--token-file', '-', '--ssh-agent', sshAgent, '--out', record, '--json'],
      await authority.enrollmentToken(),
    );
  return { ...authority, ...key, folder, environment, run, record, enroll };
}

describe('--ssh-agent', () => {
  it('enrolls a key, registers a task and signs a request, and no file has a private key', async () => {
    const { run, record, enroll, publicKeyFile, folder, line } = await scene();
    const enrolled = await enroll();
    expect(enrolled).toMatchObject({ code: 0, stderr: '' });
    const { agent_runtime_id: agentRuntimeId } = JSON.parse(enrolled.stdout);
    expect(await readdir(folder)).toEqual(['record.json']);
    expect(Object.keys(JSON.parse(await readFile(record, 'utf8')))).not.toContain('agent_private_key');

    const signed = await run(['header', '--record-file', record, '--ssh-agent', publicKeyFile, '--json']);
    expect(signed.code).toBe(0);
    const { headers, agent_runtime_id } = JSON.parse(signed.stdout);
    expect(agent_runtime_id).toBe(agentRuntimeId);
    const publicKey = readSshPublicKey(line);
    verifyAgentAssertion(parseAgentAssertion(headers.Authorization), { publicKey });
  });

  it('takes the fingerprint that ssh-add -l prints, for run, curl and doctor too', async () => {
    const { run, record, enroll, fingerprint } = await scene();
    const service = await startService();
    expect((await enroll(fingerprint)).code).toBe(0);
    const identity = ['--record-file', record, '--ssh-agent', fingerprint];
    expect((await run(['curl', ...identity, `${service.origin}/v1/models`])).stdout).toBe('hello');
    const program =
      "await fetch(process.env.OPENAI_BASE_URL + '/models', { headers: { authorization: 'Bearer ' + process.env.OPENAI_API_KEY } });" +
      'console.log(process.env.SSH_AUTH_SOCK);';
    const words = ['run', ...identity, '--base-url', `${service.origin}/v1`, '--'];
    const ran = await run([...words, process.execPath, '--input-type=module', '-e', program]);
    expect(ran).toEqual({ code: 0, stdout: 'undefined\n', stderr: '' });
    expect(service.seen.map(({ url, isSigned }) => [url, isSigned])).toEqual([
      ['/v1/models', true],
      ['/v1/models', true],
    ]);
    expect((await run(['doctor', ...identity])).code).toBe(0);
  });

  it('signs offline', async () => {
    const { run, publicKeyFile, line } = await scene();
    const words = ['sign', '--ssh-agent', publicKeyFile, '--agent-runtime-id', 'agent-1'];
    const header = (await run([...words, '--task-id', 'task-1'])).stdout.trim();
    verifyAgentAssertion(parseAgentAssertion(header), { publicKey: readSshPublicKey(line) });
    const body = JSON.parse((await run([...words, '--task-registration'])).stdout);
    expect(Object.keys(body)).toEqual(['timestamp', 'signature']);
    expect((await run([...words, '--task-id', 'task-1', '--key-file', publicKeyFile])).code).toBe(2);
    expect((await run(['sign', '--agent-runtime-id', 'agent-1', '--task-id', 'task-1'])).code).toBe(2);
  });

  it('spends no token for a key that does not sign', async () => {
    const { run, folder, record, publicKeyFile, enrollmentToken, show, fingerprint } = await scene();
    const token = await enrollmentToken();
    const enroll = (key: string, ...more: readonly string[]) =>
      run(['enroll', '--token-file', '-', '--ssh-agent', key, ...more], token);
    await agent.lock();
    expect(await enroll(publicKeyFile, '--out', record)).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('signer_unavailable'),
    });
    expect((await enroll(fingerprint, '--out', record)).code).toBe(4);
    await agent.unlock();
    expect(await enroll(publicKeyFile)).toMatchObject({ code: 2, stderr: expect.stringContaining('--out') });
    const rsa = join(folder, 'rsa.pub');
    await writeFile(rsa, 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQ== me');
    expect(await enroll(rsa, '--out', record)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('invalid_public_key'),
    });
    expect(await readdir(folder)).toEqual(['rsa.pub']);
    const { enrollment_tokens: tokens } = (await show('/v1/admin/enrollment-tokens')) as {
      enrollment_tokens: { status: string }[];
    };
    expect(tokens.map(({ status }) => status)).toEqual(['unused']);
  });

  it('says what is missing beside it', async () => {
    const { run, enroll, record, publicKeyFile, environment } = await scene();
    await enroll();
    expect((await run(['header', '--ssh-agent', publicKeyFile])).stderr).toContain('--record-file');
    const { SSH_AUTH_SOCK: _socket, ...without } = environment;
    const words = ['header', '--record-file', record, '--ssh-agent', publicKeyFile];
    expect(await runProgram(words, { environment: without })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SSH_AUTH_SOCK'),
    });
    const keyless = await run(['header', '--record-file', record]);
    expect(keyless).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('invalid_agent_identity_record'),
    });
  });

  it('refuses another key than the enrolled one', async () => {
    const { run, enroll, record } = await scene();
    await enroll();
    const other = await agent.addKey(`other key ${keys}`);
    const { code, stderr } = await run([
      'header',
      '--record-file',
      record,
      '--ssh-agent',
      other.publicKeyFile,
    ]);
    expect([code, stderr]).toEqual([5, expect.stringContaining('registration_refused')]);
  });
});
