/**
 * The `openai` SDK with agent identity: pass `providerFetch` as its `fetch`. Streaming, tools and compaction work
 * unchanged. Each request, and each retry of the SDK, is signed when it is sent.
 */
import OpenAI from 'openai';
import { providerFetch, type SessionAuth, sdkApiKeyPlaceholder } from 'provider-auth';

/**
 * Creates a client of the first-party provider at this base URL.
 *
 * @param auth From `await loadAuth({ … })`.
 */
export function openaiClient(auth: SessionAuth, baseUrl: string): OpenAI {
  return new OpenAI({
    baseURL: baseUrl,
    apiKey: sdkApiKeyPlaceholder, // Required by the SDK, never sent.
    fetch: providerFetch(auth, { kind: 'first_party', baseUrl }),
  });
}

/** Streams a response as text pieces. */
export async function streamAnswer(client: OpenAI, input: string): Promise<string[]> {
  const pieces: string[] = [];
  const stream = await client.responses.create({ model: 'gpt-5-codex', input, stream: true });
  for await (const event of stream) {
    if (event.type === 'response.output_text.delta') pieces.push(event.delta);
  }
  return pieces;
}

/** Lets the model call a tool, and sends it the result. */
export async function answerWithTool(client: OpenAI, input: string): Promise<string> {
  const tools: OpenAI.Responses.Tool[] = [
    {
      type: 'function',
      name: 'add',
      description: 'Adds two numbers.',
      strict: true,
      parameters: {
        type: 'object',
        properties: { a: { type: 'number' }, b: { type: 'number' } },
        required: ['a', 'b'],
        additionalProperties: false,
      },
    },
  ];
  const first = await client.responses.create({ model: 'gpt-5-codex', input, tools });
  const results = first.output.flatMap((item) => {
    if (item.type !== 'function_call') return [];
    const { a, b } = JSON.parse(item.arguments);
    return [{ type: 'function_call_output' as const, call_id: item.call_id, output: String(a + b) }];
  });
  const conversation: OpenAI.Responses.ResponseInput = [
    { role: 'user', content: input },
    ...first.output.filter((item) => item.type === 'function_call'),
    ...results,
  ];
  const second = await client.responses.create({ model: 'gpt-5-codex', input: conversation, tools });
  return second.output_text;
}

/** Compacts a conversation, under the same task. */
export async function compactConversation(client: OpenAI, input: string): Promise<string[]> {
  const compacted = await client.responses.compact({ model: 'gpt-5-codex', input });
  return compacted.output.map(({ type }) => type);
}
