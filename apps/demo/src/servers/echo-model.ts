/** The parts of a Responses API request that this model reads. */
export interface ModelRequest {
  readonly model?: string;
  readonly input?: unknown;
  readonly stream?: boolean;
  readonly tools?: readonly ToolDefinition[];
}

interface ToolDefinition {
  readonly type: string;
  readonly name?: string;
  readonly parameters?: { readonly properties?: Readonly<Record<string, { readonly type?: unknown }>> };
}

/** The output of the model: text, a tool call, or a compaction of the conversation. */
export type ModelAnswer =
  | { readonly text: string }
  | { readonly toolName: string; readonly toolArguments: Readonly<Record<string, number>> }
  | { readonly compacted: unknown };

/**
 * A model that repeats what the user said last. If the request has a function of numbers, the model first calls it with
 * the numbers in the input, and then repeats the result. An input that ends with `compaction_trigger` gets a compaction
 * (docs/protocol.md section 11).
 *
 * @param caller The verified task or runtime agent instance.
 */
export function answer({ input, tools = [] }: ModelRequest, caller: string): ModelAnswer {
  const items = itemsOf(input);
  if (items.at(-1)?.type === 'compaction_trigger') return { compacted: items.slice(0, -1) };
  const results = items.filter(({ type }) => type === 'function_call_output');
  if (results.length > 0) {
    return { text: `The tool says ${results.map(({ output }) => String(output)).join(', ')}.` };
  }
  const text = readLastMessage(input);
  const tool = tools.find(takesNumbers);
  if (tool?.name === undefined) return { text: `Under ${caller} you said: ${text}` };
  const numbers = text.match(/\d+/g)?.map(Number) ?? [];
  const parameters = Object.keys(tool.parameters?.properties ?? {});
  const toolArguments = Object.fromEntries(parameters.map((name, i) => [name, numbers[i] ?? 0]));
  return { toolName: tool.name, toolArguments };
}

/** The tools of coding agents, which run commands, take text. This model never calls those. */
function takesNumbers({ type, parameters }: ToolDefinition): boolean {
  const properties = Object.values(parameters?.properties ?? {});
  const isNumeric = (property: { readonly type?: unknown }) =>
    property.type === 'number' || property.type === 'integer';
  return type === 'function' && properties.length > 0 && properties.every(isNumeric);
}

interface InputItem {
  readonly type?: string;
  readonly role?: string;
  readonly content?: unknown;
  readonly output?: unknown;
}

function itemsOf(input: unknown): readonly InputItem[] {
  return Array.isArray(input) ? input : [];
}

/** The text of the last user message: the input is a string, or a list of messages of text or parts. */
function readLastMessage(input: unknown): string {
  if (typeof input === 'string') return input;
  const content = itemsOf(input).findLast(({ role }) => role === 'user')?.content;
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  return parts.map(readPart).join(' ');
}

function readPart(part: unknown): string {
  if (typeof part === 'string') return part;
  const text: unknown = typeof part === 'object' && part !== null ? Reflect.get(part, 'text') : '';
  return typeof text === 'string' ? text : '';
}
