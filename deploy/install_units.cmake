# Runs at installation: writes units and configurations with the paths that hold under CMAKE_INSTALL_PREFIX. A prefix of /usr has
# its configuration in /etc. A configuration that is there already belongs to whoever runs the machine, and stays as it is.
set (QW_PROGRAMS ${CMAKE_INSTALL_PREFIX}/${QW_LIBEXEC}/quotewire)
set (QW_MODELS ${CMAKE_INSTALL_PREFIX}/${QW_DATA}/quotewire/models)
set (QW_CONFIG ${CMAKE_INSTALL_PREFIX}/etc/quotewire)
string (REGEX REPLACE "^/usr/etc/" "/etc/" QW_CONFIG ${QW_CONFIG})

function (qw_install_configured template target)
    message (STATUS "Installing: $ENV{DESTDIR}${target}")
    configure_file (${QW_TEMPLATES}/${template} $ENV{DESTDIR}${target} @ONLY)
endfunction ()

foreach (unit sink ventilator worker@)
    qw_install_configured (quotewire-${unit}.service.in ${CMAKE_INSTALL_PREFIX}/lib/systemd/system/quotewire-${unit}.service)
endforeach ()
foreach (role sink ventilator worker)
    if (NOT EXISTS $ENV{DESTDIR}${QW_CONFIG}/${role}.conf)
        qw_install_configured (${role}.conf.in ${QW_CONFIG}/${role}.conf)
    endif ()
endforeach ()
