import { createOpenAI } from '@ai-sdk/openai';
import { streamText } from 'ai';
import OpenAI from 'openai';
import { responsesApi } from 'test-support';
import { expect, it } from 'vitest';
import { type Handler, startScene } from './support/start-scene.js';

/** A model that echoes. */
const model: Handler = async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  const path = `${request.url}`;
  const reply = await responsesApi({ path, body, method: 'POST', headers: {} } as never, response);
  const { status = 200, headers = {}, body: answer } = reply ?? {};
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
};

it('the openai SDK streams through the broker', async () => {
  const { broker, log } = await startScene(model);
  const client = new OpenAI({ baseURL: broker.baseUrl ?? '', apiKey: broker.accessToken ?? '' });
  const deltas: string[] = [];
  const events = await client.responses.create({ model: 'echo', input: 'hello', stream: true });
  for await (const event of events) if (event.type === 'response.output_text.delta') deltas.push(event.delta);
  expect(deltas).toEqual(['you ', 'said ', 'hello']);
  await expect(client.files.list()).rejects.toMatchObject({ status: 403, code: 'request_not_allowed' });
  expect(log.map(({ refusal }) => refusal)).toEqual([undefined, 'request_not_allowed']);
});

it('the Vercel AI SDK streams through the broker', async () => {
  const { broker } = await startScene(model);
  const openai = createOpenAI({ baseURL: broker.baseUrl ?? '', apiKey: broker.accessToken ?? '' });
  const { textStream } = streamText({ model: openai('echo'), prompt: 'hello' });
  let text = '';
  for await (const part of textStream) text += part;
  expect(text).toBe('you said hello');
});
