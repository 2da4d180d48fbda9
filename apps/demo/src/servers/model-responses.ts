import { randomUUID } from 'node:crypto';
import type { ModelAnswer } from './echo-model.js';

/** A completed response of the Responses API with one output item. */
export interface ModelResponse {
  readonly id: string;
  readonly object: 'response';
  readonly status: 'completed';
  readonly output: readonly [OutputItem];
}

type OutputItem = OutputMessage | FunctionCall | Compaction;

interface OutputMessage {
  readonly type: 'message';
  readonly id: string;
  readonly status: 'completed';
  readonly role: 'assistant';
  readonly content: readonly [
    { readonly type: 'output_text'; readonly text: string; readonly annotations: [] },
  ];
}

interface FunctionCall {
  readonly type: 'function_call';
  readonly id: string;
  readonly status: 'completed';
  readonly call_id: string;
  readonly name: string;
  /** JSON. */
  readonly arguments: string;
}

/** Replaces a long conversation. Its content is opaque to clients. */
interface Compaction {
  readonly type: 'compaction';
  readonly id: string;
  readonly encrypted_content: string;
}

/** An event of the stream; `sequence_number` counts from 0. */
export interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
}

/** A request and its answer as far as a response repeats or counts them. */
export interface Turn {
  readonly model: string;
  readonly input: unknown;
  readonly answer: ModelAnswer;
}

export function completedResponse(turn: Turn): ModelResponse {
  return { ...envelope('response', turn), status: 'completed', output: [outputItem(turn.answer)] };
}

/** The response of `/responses/compact`. */
export function compactionResponse(model: string, input: unknown): object {
  const answer = { compacted: input };
  return { ...envelope('response.compaction', { model, input, answer }), output: [outputItem(answer)] };
}

/** Returns the events of a streamed response in the order of the Responses API. */
export function responseEvents(response: ModelResponse): ResponseEvent[] {
  const [item] = response.output;
  const started = { ...response, status: 'in_progress', output: [] };
  const events = [
    { type: 'response.created', response: started },
    { type: 'response.in_progress', response: started },
    ...itemEvents(item),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response },
  ];
  return events.map((event, sequence_number) => ({ ...event, sequence_number }));
}

type UnnumberedEvent = { readonly type: string; readonly [member: string]: unknown };

function itemEvents(item: OutputItem): UnnumberedEvent[] {
  if (item.type === 'message') return messageEvents(item);
  return item.type === 'function_call' ? functionCallEvents(item) : [added(item)];
}

function messageEvents(item: OutputMessage): UnnumberedEvent[] {
  const [part] = item.content;
  const at = { item_id: item.id, output_index: 0, content_index: 0 };
  const deltas = part.text.match(/\S+\s*/g) ?? [];
  return [
    added({ ...item, status: 'in_progress', content: [] }),
    { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
    ...deltas.map((delta) => ({ type: 'response.output_text.delta', ...at, delta })),
    { type: 'response.output_text.done', ...at, text: part.text },
    { type: 'response.content_part.done', ...at, part },
  ];
}

function functionCallEvents(item: FunctionCall): UnnumberedEvent[] {
  const at = { item_id: item.id, output_index: 0 };
  return [
    added({ ...item, status: 'in_progress', arguments: '' }),
    { type: 'response.function_call_arguments.delta', ...at, delta: item.arguments },
    { type: 'response.function_call_arguments.done', ...at, name: item.name, arguments: item.arguments },
  ];
}

function added(item: object): UnnumberedEvent {
  return { type: 'response.output_item.added', output_index: 0, item };
}

function outputItem(answer: ModelAnswer): OutputItem {
  if ('compacted' in answer) {
    const content = Buffer.from(JSON.stringify(answer.compacted ?? [])).toString('base64');
    return { type: 'compaction', id: `cmp_${randomUUID()}`, encrypted_content: content };
  }
  if ('text' in answer) {
    const content = [{ type: 'output_text', text: answer.text, annotations: [] }] as const;
    const id = `msg_${randomUUID()}`;
    return { type: 'message', id, status: 'completed', role: 'assistant', content: content as never };
  }
  const { toolName: name, toolArguments } = answer;
  const [id, call_id] = [`fc_${randomUUID()}`, `call_${randomUUID()}`];
  return {
    type: 'function_call',
    id,
    status: 'completed',
    call_id,
    name,
    arguments: JSON.stringify(toolArguments),
  };
}

/** The members that all responses share. */
function envelope<Kind extends string>(object: Kind, { model, input, answer }: Turn) {
  const [inputTokens, outputTokens] = [estimateTokens(input), estimateTokens(answer)];
  return {
    id: `resp_${randomUUID()}`,
    object,
    created_at: Math.floor(Date.now() / 1000),
    model,
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + outputTokens,
    },
  };
}

/** One token is about four characters. */
function estimateTokens(value: unknown): number {
  return Math.ceil((JSON.stringify(value) ?? '').length / 4);
}
