package dev.hatch.pool;

import java.util.List;

/**
 * What was still out when a pool had been closed.
 *
 * @param leased the descriptions of the resources that are still leased; each is destroyed when it is returned
 * @param setAside resources in a validation or reset that has hung; each is destroyed when its call returns
 * @param creating creations that had not ended; what they bring is destroyed
 * @param held resources whose validation or reset had not ended within its time limit yet; each is destroyed after it
 * @param destroying whether a destruction had not ended within its time limit
 */
public record CloseReport(List<String> leased, long setAside, int creating, int held, boolean destroying) {
    public CloseReport {
        leased = List.copyOf(leased);
    }

    /** Whether nothing is left. */
    public boolean isClean() {
        return leased.isEmpty() && setAside == 0 && creating == 0 && held == 0 && !destroying;
    }
}
