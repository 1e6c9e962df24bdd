/** What TaskRouter accepts as a name and as attributes; anything else is refused as invalid. */
import { parseExpression } from '../expression/parse.ts';
import type { JsonObject } from './model.ts';
import { invalid } from './refusal.ts';

const NAME_MAX = 64;
const ATTRIBUTES_MAX = 4_096;

export function validateName(parameter: string, text: string): string {
  if (text.trim() === '') throw invalid(`${parameter} is required`);
  if (text.length > NAME_MAX)
    throw invalid(`${parameter} must be at most ${NAME_MAX} characters long`);
  return text;
}

export function parseAttributes(text: string): JsonObject {
  if (text.length > ATTRIBUTES_MAX)
    throw invalid(`Attributes must be at most ${ATTRIBUTES_MAX} characters long`);
  const value = parseJson(text);
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw invalid('Attributes must be a JSON object');
  return value as JsonObject;
}

export function checkExpression(parameter: string, text: string): string {
  try {
    parseExpression(text);
  } catch (error) {
    throw invalid(`${parameter}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid('Attributes are not valid JSON');
  }
}
