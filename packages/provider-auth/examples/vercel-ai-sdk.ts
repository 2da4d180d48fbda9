/**
 * The Vercel AI SDK with agent identity: pass `providerFetch` as the `fetch` of its OpenAI provider. Send requests that the
 * SDK has no function for, such as compaction, with the same `fetch`.
 */
import { createOpenAI, type OpenAIProvider } from '@ai-sdk/openai';
import { generateText, stepCountIs, streamText, tool } from 'ai';
import { providerFetch, type SessionAuth, sdkApiKeyPlaceholder } from 'provider-auth';
import * as z from 'zod';

/**
 * Creates the SDK's provider for the first-party provider at this base URL.
 *
 * @param auth From `await loadAuth({ … })`.
 */
export function aiSdkProvider(auth: SessionAuth, baseUrl: string): OpenAIProvider {
  return createOpenAI({
    baseURL: baseUrl,
    apiKey: sdkApiKeyPlaceholder, // Required by the SDK, never sent.
    fetch: providerFetch(auth, { kind: 'first_party', baseUrl }),
  });
}

/** Streams a response as text pieces. */
export async function streamAnswer(provider: OpenAIProvider, prompt: string): Promise<string[]> {
  const pieces: string[] = [];
  const { textStream } = streamText({ model: provider.responses('gpt-5-codex'), prompt });
  for await (const piece of textStream) pieces.push(piece);
  return pieces;
}

/** Lets the model call a tool. The SDK sends it the result. */
export async function answerWithTool(provider: OpenAIProvider, prompt: string): Promise<string> {
  const { text } = await generateText({
    model: provider.responses('gpt-5-codex'),
    prompt,
    tools: {
      add: tool({
        description: 'Adds two numbers.',
        inputSchema: z.object({ a: z.number(), b: z.number() }),
        execute: async ({ a, b }) => a + b,
      }),
    },
    stopWhen: stepCountIs(3),
  });
  return text;
}

/** Compacts a conversation, under the same task. */
export async function compactConversation(
  auth: SessionAuth,
  baseUrl: string,
  input: string,
): Promise<string[]> {
  const fetch = providerFetch(auth, { kind: 'first_party', baseUrl });
  const response = await fetch(`${baseUrl}/responses/compact`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5-codex', input }),
  });
  const { output } = (await response.json()) as { output: { type: string }[] };
  return output.map(({ type }) => type);
}
