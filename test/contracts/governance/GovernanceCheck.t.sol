// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {GovernanceCheck, IGovernorWithTimelock, ISupply} from "../../../contracts/governance/GovernanceCheck.sol";
import {GovernanceBase, IDimoGovernor} from "../support/GovernanceBase.t.sol";

/// @title A batch that ends with the check can't leave the holders without a vote.
contract GovernanceCheckTest is GovernanceBase {
    GovernanceCheck private check;

    function setUp() public override {
        super.setUp();
        check = new GovernanceCheck();
    }

    function test_PassesWhereNothingBreaks() public {
        carry(checked(light(3)));
        assertEq(sink.last(), 3, "executed");
    }

    /// @dev Without the check the same batch goes through: AccessManager lets its last admin go.
    function test_LosingTheAdmin() public {
        bytes memory revoke = abi.encodeCall(AccessManager.revokeRole, (0, address(timelock)));
        Dip memory dip = one(address(manager), revoke, "revoke");
        assertReverts(
            checked(dip),
            abi.encodeWithSelector(GovernanceCheck.GovernanceAdminLost.selector, address(timelock), address(manager))
        );
        dip.text = "unchecked";
        carry(dip);
        (bool isAdmin, ) = manager.hasRole(0, address(timelock));
        assertTrue(!isAdmin, "gone for good");
    }

    function test_AnAdminWithADelay() public {
        bytes memory grant = abi.encodeCall(AccessManager.grantRole, (0, address(timelock), 1 days));
        assertReverts(
            checked(one(address(manager), grant, "delay")),
            abi.encodeWithSelector(GovernanceCheck.GovernanceAdminLost.selector, address(timelock), address(manager))
        );
    }

    function test_CuttingTheTimelock() public {
        bytes memory cut = abi.encodeCall(IAccessControl.revokeRole, (timelock.PROPOSER_ROLE(), address(governor)));
        assertReverts(
            checked(one(address(timelock), cut, "cut")),
            abi.encodeWithSelector(GovernanceCheck.GovernanceTimelockCut.selector, address(governor), address(timelock))
        );
    }

    function test_AnUnreachableThreshold() public {
        bytes memory raise = abi.encodeCall(IDimoGovernor.setProposalThreshold, (1001 * M));
        assertReverts(
            checked(one(address(governor), raise, "raise")),
            abi.encodeWithSelector(GovernanceCheck.GovernanceUnusable.selector, 1001 * M, 1000 * M)
        );
    }

    function checked(Dip memory dip) private view returns (Dip memory) {
        bytes memory data = abi.encodeCall(
            GovernanceCheck.assertGovernable,
            (IGovernorWithTimelock(address(governor)), manager, ISupply(address(token)))
        );
        return and(dip, address(check), data);
    }

    function assertReverts(Dip memory dip, bytes memory reason) private {
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        vm.expectRevert(reason);
        execute(dip);
    }
}
