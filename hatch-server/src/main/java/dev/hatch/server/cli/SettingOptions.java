package dev.hatch.server.cli;

import java.util.EnumMap;
import java.util.Map;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Gives a command an option for each setting, under the headings of what they are about. They are texts without a default:
 * whether one was given, and what it is, is for {@link Settings} to say, which knows of the file and the variables as well.
 */
final class SettingOptions implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec command) {
        for (Setting.Topic topic : Setting.Topic.values()) {
            ArgGroupSpec.Builder group = ArgGroupSpec.builder().validate(false).heading("%n" + topic.heading + ":%n");
            for (Setting setting : Setting.values()) {
                if (setting.topic == topic) {
                    group.addArg(option(setting));
                }
            }
            command.addArgGroup(group.build());
        }
        return command;
    }

    private static OptionSpec option(Setting setting) {
        return OptionSpec.builder(setting.flag())
                .type(String.class)
                .arity(setting.isYesOrNo() ? "0..1" : "1")
                .fallbackValue("true")
                .paramLabel(setting.label)
                .description(setting.meaning + " Default: " + setting.byDefault)
                .build();
    }

    /** The texts of those that were given. */
    static Map<Setting, String> given(ParseResult result) {
        Map<Setting, String> given = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            if (result.hasMatchedOption(setting.flag())) {
                given.put(setting, result.matchedOptionValue(setting.flag(), ""));
            }
        }
        return given;
    }
}
