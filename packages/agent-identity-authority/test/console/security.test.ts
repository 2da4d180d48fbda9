import { request } from 'node:http';
import type { StartAuthorityServerOptions } from 'agent-identity-authority/server';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectAccessible, takePicture, useConsole } from '../support/console-browser.js';
import { serverAdminToken, startServer } from '../support/start-server.js';

const openConsole = useConsole();

describe('signing in', () => {
  it.each([
    ['a token of nobody', 'token-of-nobody', 'A valid access token is required.'],
    ['a token that no header can carry', 'töken', 'visible ASCII characters only'],
    ['a token of a verifier', 'verifier-token-of-the-server-01234567', 'A valid access token is required.'],
  ])('refuses %s in words', async (_, token, message) => {
    const { page } = await openConsole();
    await page.getByLabel('Token of an administrator').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain(message);
    expect(await page.getByRole('navigation').count()).toBe(0);
  });

  it('works by keyboard alone, below a base path, and a reload or signing out ends it', async () => {
    const { page, problems } = await openConsole({ basePath: '/api/accounts' });
    await page.getByLabel('Token of an administrator').focus();
    await page.keyboard.insertText(serverAdminToken);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Sign out' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.getByLabel('Token of an administrator').inputValue()).toBe('');
    await page.getByLabel('Token of an administrator').fill(serverAdminToken);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('keeps the token out of URLs, storage, cookies, the page and the log', async () => {
    const { page, requests, server, signIn, problems } = await openConsole();
    const bearers = new Set<string | undefined>();
    page.on(
      'request',
      (sent) => void (sent.url().includes('/v1/') && bearers.add(sent.headers()['authorization'])),
    );
    await signIn();
    expect([...bearers]).toEqual([`Bearer ${serverAdminToken}`]);
    const kept =
      '[localStorage.length, sessionStorage.length, document.cookie, JSON.stringify(history.state)]';
    expect(await page.evaluate(kept)).toEqual([0, 0, '', 'null']);
    expect(await page.context().cookies()).toEqual([]);
    for (const text of [...requests, page.url(), await page.content(), server.log()])
      expect(text).not.toContain(serverAdminToken);
    for (const url of requests) expect(url.startsWith(`${server.url}/`)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('says so when the token is not accepted any more', async () => {
    const { page, signIn } = await openConsole();
    await signIn();
    await page.route('**/v1/admin/agents/agent-7', (route) => route.continue({ headers: {} }));
    await page.evaluate("location.hash = '#/agents/agent-7'");
    await page.getByText('does not accept the token any more').waitFor();
  });

  it('says that the authority does not answer', async () => {
    const { page, server, signIn } = await openConsole();
    await signIn();
    await server.stop();
    await page.evaluate("location.hash = '#/agents/agent-7'");
    await page.getByText('The authority does not answer.').first().waitFor();
  });
});

describe('the policy of the console', () => {
  it.each([
    ['a request to another host', "fetch('http://127.0.0.1:1/')", 'connect-src'],
    ['an image of another host', "new Image().src = 'http://127.0.0.1:1/x.png'", 'img-src'],
    [
      'an inline script',
      "document.head.append(Object.assign(document.createElement('script'), {text: '1'}))",
      '',
    ],
    [
      'an inline style',
      "document.head.append(Object.assign(document.createElement('style'), {textContent: 'a{}'}))",
      'style-src',
    ],
    [
      'a frame',
      "document.body.append(Object.assign(document.createElement('iframe'), {src: '/x'}))",
      'frame-src',
    ],
    [
      'a form',
      "document.querySelector('form').action = 'http://127.0.0.1:1/'; document.querySelector('form').submit()",
      'form-action',
    ],
    [
      'another base',
      "document.head.append(Object.assign(document.createElement('base'), {href: 'http://127.0.0.1:1/'}))",
      'base-uri',
    ],
    ['markup from text', "document.body.innerHTML = '<b>1</b>'", 'require-trusted-types-for'],
    ['code from text', "setTimeout('1')", ''],
    ['a policy that makes trusted types', "trustedTypes.createPolicy('default', {})", 'trusted-types'],
  ])('refuses %s', async (_, attempt, directive) => {
    const { page } = await openConsole();
    const refused = page.evaluate(
      "new Promise((resolve) => addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective)))",
    );
    await page.evaluate(`Promise.resolve().then(() => { ${attempt} }).catch(() => {})`).catch(() => {});
    expect(await refused).toContain(directive);
  });

  it('lets no page frame the console', async () => {
    const { page, server } = await openConsole({}, { bypassCSP: true });
    const framed = await framedText(page, `${server.url}/console/`);
    expect(framed).toBe('refused');
  });
});

/** Frames a page in a page of another origin; whether the browser refused. */
async function framedText(page: Page, url: string): Promise<string> {
  await page.goto('about:blank');
  await page.setContent(`<iframe src="${url}"></iframe>`);
  const frame = await page.waitForSelector('iframe').then((element) => element.contentFrame());
  await frame?.waitForLoadState();
  return frame?.url().startsWith('chrome-error:') ? 'refused' : 'shown';
}

/** Sends a request with any Host; resolves to its status and headers. */
const ask = (
  port: number,
  path: string,
  host: string,
  method = 'GET',
): Promise<{ status: number; headers: Record<string, unknown> }> =>
  new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method, headers: { host } }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    sent.on('error', reject).end();
  });

describe('the server of the console', () => {
  const enabled: StartAuthorityServerOptions = { console: { enabled: true, hosts: ['agents.example.com'] } };

  it('serves loopback names and the configured ones, and no other name that points here', async () => {
    const { port } = await startServer(enabled);
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `[::1]:${port}`,
      'agents.example.com',
      'AGENTS.example.com:443',
    ]) {
      expect([host, (await ask(port, '/console/', host)).status]).toEqual([host, 200]);
    }
    for (const host of [
      'attacker.example.net',
      'agents.example.com.attacker.example.net',
      'localhost.attacker.example.net',
    ]) {
      expect([host, (await ask(port, '/console/', host)).status]).toEqual([host, 421]);
    }
  });

  it('sends its files with the policy, sets no cookie, and takes no other method', async () => {
    const { port, url } = await startServer(enabled);
    const page = await ask(port, '/console/', 'localhost');
    expect(page.headers).toMatchObject({
      'content-security-policy': expect.stringMatching(
        /default-src 'none'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/,
      ),
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-frame-options': 'DENY',
    });
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    expect(page.headers).not.toHaveProperty('set-cookie');
    expect((await ask(port, '/console', 'localhost')).headers).toMatchObject({ location: '/console/' });
    const html = await (await fetch(`${url}/console/`)).text();
    const [script = ''] = /assets\/[\w-]+\.js/.exec(html) ?? [];
    expect((await ask(port, `/console/${script}`, 'localhost', 'HEAD')).headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect((await ask(port, '/console/', 'localhost', 'POST')).status).toBe(405);
    for (const path of ['/console/other', '/console/../package.json', '/console/assets', '/consoles']) {
      expect((await ask(port, path, 'localhost')).status).toBe(404);
    }
  });

  it('does not exist by default, and is refused without administrators', async () => {
    const { port } = await startServer();
    expect((await ask(port, '/console/', 'localhost')).status).toBe(404);
    await expect(startServer({ ...enabled, administrators: {} })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('console.enabled: expected a token or an issuer of administrators'),
    });
    await expect(
      startServer({ console: { enabled: true, hosts: ['https://agents.example.com'] } }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('expected a host name without a scheme and a port'),
    });
  });
});

it.each(['light', 'dark'] as const)('axe finds nothing in the %s scheme', async (colorScheme) => {
  for (const [name, width] of [
    ['phone', 360],
    ['wide', 1280],
  ] as const) {
    const options = {
      colorScheme,
      viewport: { width, height: 900 },
      bypassCSP: true,
      reducedMotion: 'reduce' as const,
    };
    const { page, api, signIn } = await openConsole({}, options);
    const account = {
      account_id: 'account-1',
      chatgpt_user_id: 'user-1',
      plan_type: 'business',
      is_fedramp: false,
    };
    const labels = { team: 'search', env: 'production' };
    const members = {
      account,
      labels,
      owner: 'Team Search',
      capabilities: ['repository:read', 'repository:write'],
    };
    await api('agents', { ...members, name: 'builder' });
    const { agent_runtime_id: id } = await api('agents', { ...members, name: 'reviewer' });
    await api(`agents/${id}/suspend`, {});
    const check = async (title: string) => {
      await takePicture(page, `${title}-${colorScheme}-${name}`);
      await expectAccessible(page, `${title} ${width}`);
    };
    await check('sign-in');
    await signIn();
    await page.getByRole('link', { name: 'reviewer' }).waitFor();
    await check('agents');
    await page.getByRole('button', { name: 'Revoke many …' }).click();
    await page.getByLabel('Labels').fill('team=search');
    await page.getByRole('button', { name: 'Count them' }).click();
    await page.getByLabel('Type 2 to confirm').waitFor();
    await check('revoke-many');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // The dialog gives the focus back.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Revoke many …');
    await page.getByRole('link', { name: 'reviewer' }).click();
    await page.getByRole('table', { name: 'Audit log of this agent' }).waitFor();
    await check('agent');
    expect(await page.evaluate("getComputedStyle(document.querySelector('button')).transitionDuration")).toBe(
      '0s',
    );
    await page.context().close();
  }
});
