/**
 * The Vercel AI SDK with agent identity: pass `providerFetch` as the `fetch` of its OpenAI provider. What the SDK has no
 * call for, such as compaction, is sent with the same `fetch`.
 */
import { createOpenAI, type OpenAIProvider } from '@ai-sdk/openai';
import { generateText, stepCountIs, streamText, tool } from 'ai';
import { providerFetch, type ResolvedProviderAuth, sdkApiKeyPlaceholder } from 'provider-auth';
import * as z from 'zod';

/** The SDK's provider for the one that the auth was resolved for. */
export function aiSdkProvider(resolved: ResolvedProviderAuth): OpenAIProvider {
  return createOpenAI({
    baseURL: resolved.provider.baseUrl,
    apiKey: sdkApiKeyPlaceholder, // the SDK insists on one; it is never sent
    fetch: providerFetch(resolved),
  });
}

/** Streams an answer, piece by piece. */
export async function streamAnswer(provider: OpenAIProvider, prompt: string): Promise<string[]> {
  const pieces: string[] = [];
  const { textStream } = streamText({ model: provider.responses('gpt-5-codex'), prompt });
  for await (const piece of textStream) pieces.push(piece);
  return pieces;
}

/** Lets the model call a tool; the SDK hands it the result. */
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
export async function compactConversation(resolved: ResolvedProviderAuth, input: string): Promise<string[]> {
  const response = await providerFetch(resolved)(`${resolved.provider.baseUrl}/responses/compact`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5-codex', input }),
  });
  const { output } = (await response.json()) as { output: { type: string }[] };
  return output.map(({ type }) => type);
}
