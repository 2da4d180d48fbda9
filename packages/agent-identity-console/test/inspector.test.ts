import { createInstanceAssertion, readAgentKey } from 'agent-identity-core';
import { source as axeSource } from 'axe-core';
import type { Page } from 'playwright-core';
import { fixedAgent, fixedRecord as record, rsaKey, signJwt } from 'test-support';
import { describe, expect, it } from 'vitest';
import { useConsole } from './support/console-browser.js';

const { assertionHeader, assertionSignature, pkcs8, sshLine } = fixedAgent;
const now = Math.floor(Date.now() / 1000);
const issuer = rsaKey();
const jwt = signJwt(issuer, {
  ...record,
  iss: 'https://chatgpt.com/codex-backend/agent-identity',
  aud: 'codex-app-server',
  iat: now,
  exp: now + 3600,
});
const jwks = JSON.stringify({ keys: [issuer.jwk] });
const instanceAssertion = createInstanceAssertion({
  agentKey: readAgentKey(pkcs8),
  runtimeAgentInstanceId: 'instance-1',
});

const openConsole = useConsole();

const fields = (page: Page) => ({
  input: page.getByLabel('Header, token, key or auth.json'),
  key: page.getByLabel('Verify with (optional)'),
  status: page.getByRole('status'),
});

describe('the inspector', () => {
  it.each([
    ['an assertion', assertionHeader, 'agent assertion', 'signature'],
    ['an assertion of an instance', instanceAssertion, 'assertion of a runtime agent instance', 'signature'],
    ['a JWT', jwt, 'Agent Identity JWT', 'agent_private_key'],
    ['an OpenSSH line', sshLine, 'public key of an agent', undefined],
    ['a private key', pkcs8, 'private key of an agent', 'agent_private_key'],
    ['an auth.json', JSON.stringify({ agent_identity: record }), 'auth.json', 'agent_identity'],
  ])('explains %s, and hides its secret until asked', async (_, text, title, secret) => {
    const { page, problems } = await openConsole('inspector.html');
    await fields(page).input.fill(text);
    await page.getByRole('heading', { name: title }).waitFor();
    if (secret !== undefined) {
      const row = page.getByRole('row', { name: secret }).first();
      expect(await row.textContent()).toContain('hidden: a secret');
      await row.getByRole('button', { name: `Show ${secret}` }).click();
      expect(await row.textContent()).not.toContain('hidden: a secret');
    }
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['an assertion with its key', assertionHeader, sshLine, 'Verified: this key signed it.'],
    ['an envelope with its key', envelopeOf(assertionHeader), sshLine, 'Verified: this key signed it.'],
    ['an assertion of an instance with its key', instanceAssertion, sshLine, 'Verified: this key signed it.'],
    ['a JWT with its key set', `Bearer ${jwt}`, jwks, 'Verified: a key of the key set signed it'],
    ['an assertion with a changed task', changeTask(assertionHeader), sshLine, 'invalid_signature'],
    ['an assertion with another form of key', assertionHeader, 'other text', 'invalid_public_key'],
    ['a JWT with another key set', jwt, '{"keys":[]}', 'unknown_kid'],
    ['a key, which has no signature', sshLine, sshLine, 'nothing to verify'],
    ['an assertion without a key', assertionHeader, '', 'was not verified'],
    ['a JWT with text that is no key set', jwt, 'text', 'invalid_jwks'],
    ['other text', 'my text', '', 'got other text'],
  ])('judges %s', async (_, text, key, verdict) => {
    const { page, problems } = await openConsole('inspector.html');
    await fields(page).key.fill(key);
    await fields(page).input.fill(text);
    await expect.poll(() => fields(page).status.textContent()).toContain(verdict);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('shows an example that verifies, and clears all again', async () => {
    const { page } = await openConsole('inspector.html');
    await page.getByRole('button', { name: 'Show an example' }).click();
    await expect.poll(() => fields(page).status.textContent()).toBe('Verified: this key signed it.');
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => fields(page).status.textContent()).toBe('The explanation appears here.');
    expect(await fields(page).key.inputValue()).toBe('');
    await page.context().close();
  });

  it('sends nothing, keeps nothing, and puts nothing into its address', async () => {
    const { page, foreignRequests, problems } = await openConsole('inspector.html');
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await fields(page).input.fill(JSON.stringify({ agent_identity: record }));
    await page.getByRole('button', { name: 'Show agent_private_key' }).click();
    expect(await page.getByRole('row', { name: 'agent_private_key' }).textContent()).toContain(pkcs8);
    expect(foreignRequests).toEqual([]);
    // Code that is loaded on demand, and the icon.
    expect(requests.filter((url) => !/\/assets\/[\w-]+\.(?:js|svg)$/.test(url))).toEqual([]);
    expect(page.url()).toMatch(/\/inspector\.html$/);
    const kept = await page.evaluate(
      '[localStorage.length, sessionStorage.length, document.cookie, history.state]',
    );
    expect(kept).toEqual([0, 0, '', null]);
    await page.reload();
    expect(await fields(page).input.inputValue()).toBe('');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['a request to another host', "fetch('http://127.0.0.1:1/')", 'connect-src'],
    ['an image of another host', "new Image().src = 'http://127.0.0.1:1/x.png'", 'img-src'],
    [
      'an inline script',
      "document.head.append(Object.assign(document.createElement('script'), {text: '1'}))",
      '',
    ],
    ['markup from text', "document.body.innerHTML = '<b>1</b>'", ''],
    ['code from text', "setTimeout('1')", ''],
  ])('has a policy that refuses %s', async (_, attempt, directive) => {
    const { page } = await openConsole('inspector.html');
    const refused = page.evaluate(
      "new Promise((resolve) => addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective)))",
    );
    await page.evaluate(`Promise.resolve().then(() => { ${attempt} }).catch(() => {})`).catch(() => {});
    expect(await refused).toContain(directive);
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)(
    'has no violation that axe finds, in the %s scheme',
    async (colorScheme) => {
      for (const width of [360, 1280]) {
        const { page } = await openConsole('inspector.html', {
          colorScheme,
          viewport: { width, height: 900 },
          bypassCSP: true,
        });
        await fields(page).key.fill(sshLine);
        await fields(page).input.fill(JSON.stringify({ agent_identity: record }));
        await page.getByRole('heading', { name: 'agent identity record' }).waitFor();
        await page.evaluate(axeSource);
        const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string }[] };
        expect(violations.map(({ id }) => id)).toEqual([]);
        // No page scrolls sideways.
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(
          0,
        );
        await page.context().close();
      }
    },
  );

  it('works by keyboard alone', async () => {
    const { page } = await openConsole('inspector.html');
    await page.keyboard.press('Tab');
    await page.keyboard.insertText(assertionHeader);
    await page.keyboard.press('Tab');
    await page.keyboard.insertText(sshLine);
    await expect.poll(() => fields(page).status.textContent()).toContain('Verified');
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('row', { name: 'signature' }).textContent()).toContain(assertionSignature);
    await page.context().close();
  });
});

function envelopeOf(header: string): string {
  return Buffer.from(header.split(' ')[1] ?? '', 'base64url').toString();
}

function changeTask(header: string): string {
  return envelopeOf(header).replace('task-123', 'task-124');
}
