import { expect, it } from 'vitest';
import { expectAccessible, takePicture, useConsole } from '../support/console-browser.js';

const openConsole = useConsole();

it('makes an enrollment token, shows it once, and revokes it', async () => {
  const { page, api, signIn, server, problems } = await openConsole();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn();
  await page.getByRole('link', { name: 'Admission' }).click();
  await page.getByText('There are no enrollment tokens.').waitFor();
  await page.getByRole('button', { name: 'New token …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Account').fill('account 1');
  await dialog.getByLabel('User').fill('user-1');
  await dialog.getByLabel('Capabilities').fill('repository:read repository:write');
  await dialog.getByLabel('Name of the agent').fill('builder');
  await dialog.getByLabel('Labels').fill('team');
  const submit = dialog.getByRole('button', { name: 'Make the token' });
  await submit.click();
  await dialog.getByText('A label has the form key=value.').waitFor();
  await dialog.getByLabel('Labels').fill('team=search, env=production');
  await submit.click();
  await dialog.getByText('account.account_id: expected visible ASCII characters').waitFor();
  await dialog.getByLabel('Account').fill('account-1');
  await dialog.getByLabel('Can be used for').selectOption('1 day');
  await submit.click();
  const token = await dialog.getByLabel('The new enrollment token').textContent();
  await dialog.getByRole('button', { name: 'Copy' }).click();
  await dialog.getByText('Copied.').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(token);
  await dialog.getByRole('button', { name: 'Done' }).click();
  const row = page.getByRole('table', { name: 'Admission' }).getByRole('row').nth(1);
  expect(await row.textContent()).toMatch(/unused.*account-1 \/ user-1.*repository:readrepository:write/);
  for (const text of [await page.content(), page.url(), server.log()]) expect(text).not.toContain(token);
  await row.getByRole('button', { name: /^Revoke token/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect.poll(() => row.textContent()).toContain('revoked');
  const { enrollment_tokens: tokens } = await api<{ enrollment_tokens: object[] }>('enrollment-tokens');
  expect(tokens).toMatchObject([{ status: 'revoked', account_id: 'account-1' }]);
  expect(problems.filter((problem) => !problem.includes('400'))).toEqual([]);
});

it('rotates the signing key, and retires the old one when its name is typed', async () => {
  const { page, api, signIn, problems } = await openConsole();
  await signIn();
  await page.getByRole('link', { name: 'Keys' }).click();
  const rows = page.getByRole('table', { name: 'Keys' }).getByRole('row');
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByRole('img', { name: 'The keys on a time line' }).waitFor();
  expect(await page.getByRole('button', { name: /^Retire/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Rotate …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Signs after').fill('-1');
  await dialog.getByRole('button', { name: 'Rotate' }).click();
  await dialog.getByText('activate_after_seconds: expected').waitFor();
  await dialog.getByLabel('Signs after').fill('0');
  await dialog.getByRole('button', { name: 'Rotate' }).click();
  await expect.poll(() => rows.count()).toBe(3);
  const kid = (await rows.nth(2).getByRole('rowheader').textContent()) ?? '';
  await rows
    .nth(2)
    .getByRole('button', { name: `Retire key ${kid}` })
    .click();
  const retire = dialog.getByRole('button', { name: 'Retire' });
  expect(await retire.isDisabled()).toBe(true);
  await dialog.getByLabel(`Type ${kid.slice(0, 8)} to confirm`).fill(kid.slice(0, 8));
  await retire.click();
  await expect.poll(() => rows.nth(2).textContent()).toContain('not published');
  const { signing_keys: keys } = await api<{ signing_keys: object[] }>('signing-keys');
  expect(keys).toMatchObject([{ kid, published: false }, { published: true }]);
  expect(problems.filter((problem) => !problem.includes('400'))).toEqual([]);
});

it.each(['light', 'dark'] as const)('axe finds nothing in the %s scheme', async (colorScheme) => {
  const account = {
    account_id: 'account-1',
    chatgpt_user_id: 'user-1',
    plan_type: 'business',
    is_fedramp: false,
  };
  for (const [name, width] of [
    ['phone', 360],
    ['wide', 1280],
  ] as const) {
    const { page, api, signIn } = await openConsole(
      {},
      { colorScheme, viewport: { width, height: 900 }, bypassCSP: true },
    );
    await api('enrollment-tokens', { account, capabilities: ['repository:read'] });
    await api('signing-keys/rotate', { activate_after_seconds: 900 });
    await signIn();
    const check = async (title: string) => {
      await takePicture(page, `${title}-${colorScheme}-${name}`);
      await expectAccessible(page, `${title} ${width}`);
    };
    await page.getByRole('link', { name: 'Admission' }).click();
    await page.getByRole('table', { name: 'Admission' }).waitFor();
    await check('admission');
    await page.getByRole('button', { name: 'New token …' }).click();
    await check('new-token');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Keys' }).click();
    await page.getByRole('table', { name: 'Keys' }).waitFor();
    await check('keys');
    await page.context().close();
  }
});
