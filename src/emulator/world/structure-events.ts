/** Records that a part of the set-up was created, changed or deleted. */
import type { Payload } from './model.ts';
import type { Space } from './space.ts';

/** `activity.created` is recorded with the resource type `activity`, and so on. */
export function recordStructureEvent(
  space: Space,
  type: string,
  resourceSid: string,
  payload: Payload,
): void {
  const resourceType = type.slice(0, type.indexOf('.'));
  const description = `${capitalized(resourceType)} ${resourceSid} ${type.slice(resourceType.length + 1)}`;
  space.engine.record(space.workspace, {
    type,
    resourceType,
    resourceSid,
    description,
    payload: () => payload,
  });
}

export function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
