import { chmod } from 'node:fs/promises';
import { temporaryFile } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../support/run-program.js';
import { startServer } from '../support/start-server.js';

const tokens = {
  viewer: 'token-of-a-viewer-0123456789abcdef-01',
  limited: 'token-of-a-limited-one-0123456789abcdef',
};

const tokensFile = () =>
  temporaryFile(`[[tokens]]
name = "support"
role = "viewer"
token = "${tokens.viewer}"

[[tokens]]
name = "ci-bot"
role = "operator"
accountIds = ["account-1", "account-2"]
token = "${tokens.limited}"
`);

async function start(token: string): Promise<Record<string, string>> {
  const { url } = await startServer({ administrators: { tokensFile: await tokensFile() } });
  return { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: token };
}

describe('a command with a token whose role does not suffice', () => {
  it.each([
    [
      ['keys', 'rotate'],
      tokens.viewer,
      'This needs the role "administrator", and "support" has the role "viewer". (role_required)',
    ],
    [
      ['suspend', 'agent-1'],
      tokens.viewer,
      'This needs the role "operator", and "support" has the role "viewer". (role_required)',
    ],
    [
      ['audit', 'list'],
      tokens.limited,
      '"ci-bot" has the role "operator" for some accounts only. (all_accounts_required)',
    ],
  ])('says so in words: %s', async (words, token, message) => {
    const { code, stderr } = await runCommand(words, await start(token));
    expect(stderr).toContain('agent-identity-authority: authority_refused: ');
    expect(stderr).toContain(message);
    expect(code).toBe(5);
  });
});

describe('doctor', () => {
  it('tells the role and the limit of the token, and leaves out the log that it may not read', async () => {
    const { code, stdout } = await runCommand(['doctor'], await start(tokens.limited));
    expect(stdout).toContain('it answers, and accepts the token: ci-bot: operator, for 2 accounts');
    expect(stdout).not.toContain('audit log');
    expect(code).toBe(0);
    expect((await runCommand(['doctor'], await start(tokens.viewer))).stdout).toContain('audit log');
  });

  it('lists the configured administrators with their roles, and checks the files of their tokens', async () => {
    const open = await temporaryFile(`${tokens.viewer}\n`);
    await chmod(open, 0o644);
    const file = await temporaryFile(`[[tokens]]\nname = "a"\nrole = "viewer"\ntokenFile = "${open}"\n`);
    await chmod(file, 0o600);
    const any = { AIA_STORE: 'memory:', AIA_PORT: '0', AIA_OPERATIONS_PORT: '0' };
    const one = await runCommand(['doctor'], { ...any, AIA_ADMINISTRATORS_TOKENS_FILE: file });
    expect(one.stdout).toMatch(/administrators a: viewer\n/);
    expect(one.stdout).toContain(`${open} has mode 644`);
    const many = await runCommand(['doctor'], { ...any, AIA_ADMINISTRATORS_TOKENS_FILE: await tokensFile() });
    expect(many.stdout).toContain('support: viewer; ci-bot: operator, for 2 accounts');
    expect(many.stdout).not.toContain(tokens.viewer);
  });
});
