import type { Playback } from '../../record/playback.ts';
import type { ActionName } from '../keys/keymap.ts';

/** What an action does to a recording that is played. False: it is about something else. */
export function steer(playback: Playback, action: ActionName, count = 1): boolean {
  switch (action) {
    case 'freeze':
      playback.toggle();
      return true;
    case 'seek-back':
      playback.seek(-count);
      return true;
    case 'seek-forth':
      playback.seek(count);
      return true;
    case 'slower':
      playback.accelerate(-count);
      return true;
    case 'faster':
      playback.accelerate(count);
      return true;
  }
  return false;
}
