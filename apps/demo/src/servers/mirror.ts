import { Hono } from 'hono';

/** The headers by which a request could carry credentials. */
const credentialHeaders = ['authorization', 'chatgpt-account-id', 'x-openai-fedramp'];

/** Stands for a model provider of somebody else, or a local one: it answers with the credentials that it was sent. */
export function createMirror(): Hono {
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
