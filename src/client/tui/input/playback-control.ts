import type { Playback } from '../../recording/playback.ts';
import type { ActionName } from './binding.ts';

/** What an action does to a recording that is played. False: it is about something else. */
export function steer(playback: Playback, action: ActionName): boolean {
  switch (action) {
    case 'freeze':
      playback.toggle();
      return true;
    case 'seek-back':
      playback.seek(-1);
      return true;
    case 'seek-forth':
      playback.seek(1);
      return true;
    case 'slower':
      playback.accelerate(-1);
      return true;
    case 'faster':
      playback.accelerate(1);
      return true;
  }
  return false;
}
