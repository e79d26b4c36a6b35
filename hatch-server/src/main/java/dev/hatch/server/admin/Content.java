package dev.hatch.server.admin;

/** What is sent, and what kind of thing it is. The bytes are not copied, nor changed by anyone. */
final class Content {
    final String type;
    final byte[] bytes;

    Content(String type, byte[] bytes) {
        this.type = type;
        this.bytes = bytes;
    }
}
