import { temporaryFile } from 'test-support';
import { expect, it } from 'vitest';
import { useConsole } from '../support/console-browser.js';
import { serverAdminToken } from '../support/start-server.js';

const openConsole = useConsole();
const account = {
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  plan_type: 'business',
  is_fedramp: false,
};
const tokenOf = (name: string) => `${name}-token-0123456789-0123456789-0123456789`;

const administrators = async () => ({
  tokensFile: await temporaryFile(
    `[[tokens]]\nname = "admin"\nrole = "administrator"\ntoken = "${serverAdminToken}"\n` +
      `[[tokens]]\nname = "alice"\nrole = "viewer"\ntoken = "${tokenOf('alice')}"\n` +
      `[[tokens]]\nname = "bob"\nrole = "operator"\naccountIds = ["account-1"]\ntoken = "${tokenOf('bob')}"\n`,
  ),
});

it('offers a viewer everything to read, and nothing to change', async () => {
  const { page, api, signIn, problems } = await openConsole({ administrators: await administrators() });
  await api('agents', { account, name: 'builder' });
  await api('enrollment-tokens', { account });
  await api('signing-keys/rotate', {});
  await signIn(tokenOf('alice'));
  expect(await page.getByRole('banner').textContent()).toContain('alice (viewer)');
  const pages = [
    ['Agents', 'builder'],
    ['Admission', 'unused'],
    ['Keys', 'published'],
    ['Log', 'agent_runtime_added'],
  ] as const;
  for (const [name, text] of pages) {
    await page.getByRole('navigation').getByRole('link', { name }).click();
    await page.getByRole('table', { name }).getByText(text).first().waitFor();
    expect(await page.getByRole('button', { name: /Revoke|New token|Rotate|Retire/ }).count()).toBe(0);
  }
  await page.getByRole('link', { name: 'Health' }).click();
  await expect.poll(() => page.getByRole('region', { name: 'Memory' }).textContent()).toMatch(/\d+ MiB/);
  await page.getByRole('link', { name: 'Agents' }).click();
  await page.getByRole('link', { name: 'builder' }).click();
  await page.getByRole('table', { name: 'Audit log of this agent' }).waitFor();
  expect(await page.getByRole('button', { name: /Suspend|Revoke/ }).count()).toBe(0);
  expect(problems).toEqual([]);
});

it('offers an operator who is limited to accounts their agents, and neither the log nor the metrics nor the keys', async () => {
  const { page, api, signIn, problems } = await openConsole({ administrators: await administrators() });
  await api('agents', { account, name: 'builder' });
  await api('agents', { account: { ...account, account_id: 'account-2' }, name: 'other' });
  await api('signing-keys/rotate', {});
  await signIn(tokenOf('bob'));
  await page.getByRole('link', { name: 'builder' }).waitFor();
  expect(await page.getByRole('link', { name: 'other' }).count()).toBe(0);
  expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual([
    'Agents',
    'Admission',
    'Keys',
    'Inspector',
  ]);
  await page.getByRole('link', { name: 'Keys' }).click();
  await page.getByRole('table', { name: 'Keys' }).waitFor();
  expect(await page.getByRole('button', { name: /Rotate|Retire/ }).count()).toBe(0);
  await page.getByRole('link', { name: 'Agents' }).click();
  await page.getByRole('link', { name: 'builder' }).click();
  await page.getByRole('button', { name: 'Suspend' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
  await page.getByText('because it is suspended').waitFor();
  expect(problems).toEqual([]);
});

it('says in words what the authority refuses to a role', async () => {
  const { page, signIn } = await openConsole({ administrators: await administrators() });
  await signIn(tokenOf('bob'));
  await page.evaluate("location.hash = '#/log'");
  await page.getByText('(all_accounts_required)').first().waitFor();
});
