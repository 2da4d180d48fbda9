import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { readAgentKey } from 'agent-identity-core';
import { closedOrigin, listenOnLoopback, temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';

/** An authority and the record of an agent. */
async function scene() {
  const authority = await startAuthority();
  const folder = await temporaryFolder();
  const record = join(folder, 'record.json');
  const run = (words: readonly string[], input = '') =>
    runProgram(words, { environment: authority.environment, input });
  const enroll = ['enroll', '--token-file', '-', '--out', record];
  expect((await run(enroll, await authority.enrollmentToken({}))).code).toBe(0);
  const read = async (file = record) => JSON.parse(await readFile(file, 'utf8'));
  const before = await read();
  const registered = async () =>
    ((await authority.show(`/v1/admin/agents/${before.agent_runtime_id}`)) as { agent_public_key: string })
      .agent_public_key;
  return { ...authority, folder, record, run, read, before, registered };
}

describe('change-key', () => {
  it('replaces the key of the record and of the agent', async () => {
    const { folder, record, run, read, before, registered } = await scene();
    const { code, stdout } = await run(['change-key', '--record-file', record, '--json']);
    expect(code).toBe(0);
    const after = await read();
    expect(after).toEqual({ ...before, agent_private_key: expect.any(String) });
    expect(after.agent_private_key).not.toBe(before.agent_private_key);
    expect(JSON.parse(stdout)).toEqual({
      agent_runtime_id: before.agent_runtime_id,
      agent_public_key: await registered(),
      tasks_ended: false,
      file: record,
    });
    expect((await stat(record)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['record.json']);
    expect((await run(['header', '--record-file', record])).stdout).toMatch(
      /^Authorization: AgentAssertion /,
    );
    const old = join(folder, 'old.json');
    await writeFile(old, JSON.stringify(before));
    expect((await run(['header', '--record-file', old])).code).not.toBe(0);
  });

  it('changes nothing when the authority is away, and goes on with the saved key afterwards', async () => {
    const { folder, record, run, read, before } = await scene();
    const away = await run([
      'change-key',
      '--record-file',
      record,
      '--authapi-base-url',
      await closedOrigin(),
    ]);
    expect(away.code).toBe(6);
    expect(await read()).toEqual(before);
    const saved = await read(join(folder, 'record.json.new'));
    expect((await run(['change-key', '--record-file', record])).code).toBe(0);
    expect(await read()).toEqual(saved);
    expect(await readdir(folder)).toEqual(['record.json']);
  });

  it.each<[string, (attempt: number) => [number, string] | undefined]>([
    ['answers what cannot be read', () => [200, 'hello']],
    [
      'loses the first response and refuses the repeat',
      (attempt) =>
        attempt === 1 ? undefined : [403, '{"error":{"code":"agent_runtime_suspended","message":"no"}}'],
    ],
  ])('keeps the saved key when a proxy %s, although the key has changed', async (_what, respond) => {
    const { environment, folder, record, run, read, registered } = await scene();
    let attempts = 0;
    const proxy = createServer(async (request, response) => {
      attempts += 1;
      const body = Buffer.concat(await request.toArray());
      const headers = { 'content-type': 'application/json' };
      const target = `${environment['CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL']}${request.url}`;
      expect((await fetch(target, { method: 'POST', headers, body })).status).toBe(200);
      const [status, text] = respond(attempts) ?? [];
      if (status === undefined) request.socket.destroy();
      else response.writeHead(status, headers).end(text);
    });
    const words = ['change-key', '--record-file', record];
    const failed = await run([...words, '--authapi-base-url', await listenOnLoopback(proxy)]);
    expect(failed.code).not.toBe(0);
    const saved = await read(join(folder, 'record.json.new'));
    expect(readAgentKey(saved.agent_private_key).publicKey.ssh).toBe(await registered());
    expect((await run(words)).code).toBe(0);
    expect(await read()).toEqual(saved);
  });

  it('keeps no key that was refused', async () => {
    const { folder, record, run, read, before, revoke } = await scene();
    await revoke(before.agent_runtime_id);
    expect((await run(['change-key', '--record-file', record])).code).toBe(5);
    expect(await read()).toEqual(before);
    expect(await readdir(folder)).toEqual(['record.json']);
  });

  it('leaves no task in the record, because it may have ended', async () => {
    const { record, run, read, before } = await scene();
    await writeFile(record, JSON.stringify({ ...before, task_id: 'task-1' }));
    expect((await run(['change-key', '--record-file', record, '--end-tasks'])).code).toBe(0);
    expect(await read()).toEqual({ ...before, agent_private_key: expect.any(String) });
  });

  it('goes on after a change whose end was lost', async () => {
    const { folder, record, run, read, before, registered } = await scene();
    expect((await run(['change-key', '--record-file', record])).code).toBe(0);
    const after = await read();
    const changed = await registered();
    await writeFile(join(folder, 'record.json.new'), JSON.stringify(after));
    await writeFile(record, JSON.stringify(before));
    expect((await run(['change-key', '--record-file', record])).code).toBe(0);
    expect(await read()).toEqual(after);
    expect(await registered()).toBe(changed);
  });

  it('makes no change that it cannot save', async () => {
    const { folder, record, run, before, registered, read } = await scene();
    const key = await registered();
    await writeFile(
      join(folder, 'record.json.new'),
      JSON.stringify({ ...before, agent_runtime_id: 'agent-0' }),
    );
    const { code, stderr } = await run(['change-key', '--record-file', record]);
    expect([code, stderr]).toEqual([7, expect.stringContaining('unwritable_file')]);
    expect((await run(['change-key', '--record-file', '-'], JSON.stringify(before))).code).toBe(2);
    expect(await registered()).toBe(key);
    expect(await read()).toEqual(before);
  });
});
