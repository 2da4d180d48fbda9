import { fixedAgent, temporaryFile } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

const { agentRuntimeId, taskId, timestamp } = fixedAgent;
const subject = ['--agent-runtime-id', agentRuntimeId, '--at', timestamp];

describe('sign', () => {
  it('signs the assertion of the conformance vectors', async () => {
    const words = [
      'sign',
      '--key-file',
      await temporaryFile(fixedAgent.pkcs8),
      ...subject,
      '--task-id',
      taskId,
    ];
    expect(await runProgram(words)).toEqual({
      code: 0,
      stdout: `${fixedAgent.assertionHeader}\n`,
      stderr: '',
    });
    const { stdout } = await runProgram([...words, '--json']);
    expect(JSON.parse(stdout)).toEqual({ authorization: fixedAgent.assertionHeader, timestamp });
  });

  it('signs the task registration of the conformance vectors, with a key from standard input', async () => {
    const words = ['sign', '--key-file', '-', ...subject, '--task-registration'];
    const { code, stdout } = await runProgram(words, { input: fixedAgent.pkcs8 });
    expect({ code, body: JSON.parse(stdout) }).toEqual({
      code: 0,
      body: { timestamp, signature: fixedAgent.registrationSignature },
    });
  });

  it('refuses neither and both of --task-id and --task-registration, and a time of another form', async () => {
    const words = ['sign', '--key-file', await temporaryFile(fixedAgent.pkcs8), ...subject];
    for (const more of [
      [],
      ['--task-id', taskId, '--task-registration'],
      ['--task-id', taskId, '--at', 'now'],
    ]) {
      expect(await runProgram([...words, ...more])).toMatchObject({ code: 2, stdout: '' });
    }
  });
});
