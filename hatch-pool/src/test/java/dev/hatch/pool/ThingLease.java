package dev.hatch.pool;

class ThingLease extends Lease<Thing> {
    ThingLease(Claim<Thing> claim) {
        super(claim);
    }

    Thing thing() {
        return resource();
    }

    void use() {
        used();
    }

    void breakIt() {
        markBroken();
    }
}
