/* A .msg file to standard output, written by libgsf: a notice of Exchange ("report"), or a mail
 * with a notice attached as a message ("attached"). */
#include <gsf/gsf-outfile-msole.h>
#include <gsf/gsf-outfile.h>
#include <gsf/gsf-output-memory.h>
#include <gsf/gsf-utils.h>

#include <stdio.h>
#include <string.h>

static void put(GsfOutfile *to, const char *name, const void *at, size_t length)
{
    GsfOutput *out = gsf_outfile_new_child(to, name, FALSE);
    gsf_output_write(out, length, at);
    gsf_output_close(out);
    g_object_unref(out);
}

/* A text as UTF-16, which Outlook writes today. */
static void put_text(GsfOutfile *to, const char *id, const char *text)
{
    char name[40];
    glong units;
    gunichar2 *wide = g_utf8_to_utf16(text, -1, NULL, &units, NULL);
    snprintf(name, sizeof name, "__substg1.0_%s001F", id);
    put(to, name, wide, (size_t)units * 2);
    g_free(wide);
}

static GsfOutfile *folder(GsfOutfile *to, const char *name)
{
    return GSF_OUTFILE(gsf_outfile_new_child(to, name, TRUE));
}

static void close_folder(GsfOutfile *f)
{
    gsf_output_close(GSF_OUTPUT(f));
    g_object_unref(f);
}

static void put_report(GsfOutfile *to, size_t head)
{
    static const char properties[32 + 16] = {0};
    put(to, "__properties_version1.0", properties, head + 16);
    put_text(to, "001A", "REPORT.IPM.Note.NDR");
    put_text(to, "0C1A", "Microsoft Outlook");
    put_text(to, "0037", "Undeliverable: Grüße");
    put_text(to, "0049", "Grüße");
    put_text(to, "1001",
             "Delivery has failed to these recipients or groups:\r\n\r\nbob@example.net\r\n"
             "The email address you entered couldn't be found.\r\n");
    GsfOutfile *bob = folder(to, "__recip_version1.0_#00000000");
    put(bob, "__properties_version1.0", properties, 8 + 16);
    put_text(bob, "3001", "Bob");
    put_text(bob, "39FE", "bob@example.net");
    put_text(bob, "0C1B",
             "<mx.example.net #5.1.1 smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found>");
    close_folder(bob);
}

int main(int argc, char **argv)
{
    gsf_init();
    GsfOutput *memory = gsf_output_memory_new();
    GsfOutfile *root = gsf_outfile_msole_new(memory);
    if (argc > 1 && strcmp(argv[1], "attached") == 0) {
        put_text(
            root, "007D",
            "From: carol@example.org\r\nTo: help@example.org\r\nSubject: What is this?\r\n\r\n");
        put_text(root, "1000", "See attached.");
        GsfOutfile *attachment = folder(root, "__attach_version1.0_#00000000");
        GsfOutfile *inner = folder(attachment, "__substg1.0_3701000D");
        put_report(inner, 24);
        close_folder(inner);
        close_folder(attachment);
    } else {
        put_report(root, 32);
    }
    close_folder(root);
    fwrite(gsf_output_memory_get_bytes(GSF_OUTPUT_MEMORY(memory)), 1,
           (size_t)gsf_output_size(memory), stdout);
    g_object_unref(memory);
    gsf_shutdown();
    return 0;
}
