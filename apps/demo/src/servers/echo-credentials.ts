import { Hono } from 'hono';

/** The headers that can carry credentials. */
const credentialHeaders = ['authorization', 'chatgpt-account-id', 'x-openai-fedramp'];

/** Creates a third-party or local model provider that answers with the credentials it received. */
export function createCredentialEcho(): Hono {
  const app = new Hono();
  app.post('/v1/responses', (context) => {
    const sent = credentialHeaders.flatMap((name) => {
      const value = context.req.header(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    return context.json({ credentials_received: Object.fromEntries(sent) });
  });
  return app;
}
