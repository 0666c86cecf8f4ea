// What a body that cannot be read is answered.
import { BadRequestException, PayloadTooLargeException } from '@nestjs/common';

export const MOST_BYTES = 64 * 1024;

/** Express knows by the four parameters that this is for errors; the body parser names what it found. */
export function wrongBody(
  error: { readonly type?: string },
  _request: unknown,
  _response: unknown,
  next: (error: unknown) => void,
): void {
  switch (error.type) {
    case 'entity.parse.failed':
      return next(new BadRequestException(['body: is not JSON; send an object such as {"title":"Hello"}']));
    case 'entity.too.large':
      return next(new PayloadTooLargeException([`body: has more than ${MOST_BYTES} bytes; send less`]));
    default:
      return next(error);
  }
}
